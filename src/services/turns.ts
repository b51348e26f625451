type Line = { running: number; waiting: (() => void)[] };
const lines = new WeakMap<object, Map<string, Line>>();

/**
 * Lets few works of one kind run at once for the users of a pool: each has a connection in hand, and would wait for
 * others, or for a second connection, while nobody else gets one in time. Here they wait without any.
 */
export async function inTurn<T>(
  pool: object,
  { kind, atOnce }: { kind: string; atOnce: number },
  work: () => Promise<T>,
): Promise<T> {
  const kinds = lines.get(pool) ?? new Map<string, Line>();
  lines.set(pool, kinds);
  const line = kinds.get(kind) ?? { running: 0, waiting: [] };
  kinds.set(kind, line);
  if (line.running < atOnce) line.running += 1;
  // Whoever ends hands its place on.
  else await new Promise<void>((resolve) => line.waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = line.waiting.shift();
    if (next) next();
    else if ((line.running -= 1) === 0) kinds.delete(kind);
  }
}
