interface Entry {
  level?: string;
  msg?: string;
  route?: string;
  status?: number;
  err?: { message?: string };
}

/** What the terminal shows of a line of the API's log: warnings and worse. */
export function terminalLine(line: string): string | undefined {
  if (!line.startsWith('{')) return /\b(WARN|ERROR|\w*Error|Warning)\b/.test(line) ? `api: ${line.trim()}` : undefined;
  let entry: Entry;
  try {
    entry = JSON.parse(line) as Entry;
  } catch {
    return `api: ${line}`;
  }
  const { level = '', msg, route, status, err } = entry;
  // Whoever waits for the API asks this until the answer is yes.
  if (!['warn', 'error', 'fatal'].includes(level) || route === 'GET /readyz') return undefined;
  const parts = [level, msg, route && `${route} ${status}`, err?.message === msg ? undefined : err?.message];
  return `api: ${parts.filter(Boolean).join(': ')}`;
}
