import type { Rule } from './rule.ts';

export const quietLogs: Rule = {
  name: 'logs',
  says: 'no line at level error or fatal, or past the log, but what this fault explains',
  breaches({ badLines, rows }) {
    // One whose process was killed before its commit is raised again, under another id.
    const alerts = new Set(rows.alerts.flatMap(({ id, kind, channel_id: channel }) => [id, `${kind} of ${channel}`]));
    const expired = new Set(rows.otps.filter(({ status }) => status === 'expired').map(({ id }) => id));
    // A row is the other half of a line: the alert that it tells of, or the passcode whose time was over first.
    const unexplained = badLines.filter(
      ({ text }) =>
        !alerts.has(idIn(text, 'alert_id')) &&
        !alerts.has(`${idIn(text, 'kind')} of ${idIn(text, 'subject')}`) &&
        !(text.includes('an outbox row is given up') && expired.has(idIn(text, 'flow_id'))),
    );
    return [...Map.groupBy(unexplained, ({ part, text }) => `${part}: ${gist(text)}`)].map(
      ([line, all]) => `${all.length} × ${line}`,
    );
  },
};

const idIn = (line: string, name: string): string => new RegExp(`"${name}":"([^"]+)"`).exec(line)?.[1] ?? '';

export const noDeaths: Rule = {
  name: 'deaths',
  says: 'no process ended by itself, but where this fault explains it',
  breaches: ({ deaths }) => deaths.map(({ part, how }) => `${part} ${how}`),
};

/** What lines of one cause have in common. */
function gist(text: string): string {
  try {
    const { level, msg, err, activity, from, route } = JSON.parse(text) as {
      level: string;
      msg: string;
      activity?: string;
      from?: string;
      route?: string;
      err?: { type?: string; message?: string; error_code?: string; stack?: string };
    };
    const names = [from, activity, route, err?.type, err?.error_code, err?.message, err?.stack?.split('\n')[0]?.trim()];
    return [level, msg, ...names.filter(Boolean)].join(' | ');
  } catch {
    return text.slice(0, 300);
  }
}
