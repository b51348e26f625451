import type { Rule } from './rule.ts';

/** A passcode that ended before a phone could show it, and says why. */
const explained = new Set(['undeliverable', 'cancelled']);

export const promised: Rule = {
  name: 'promised',
  says: 'what was answered with 202 has its rows, and was taken by the provider or says why not',
  breaches({ promises, rows, ledger }) {
    const otps = new Map(rows.otps.map((row) => [row.id, row]));
    const byFlow = Map.groupBy(rows.messages, ({ flow_id }) => flow_id);
    const messages = new Map(rows.messages.map((row) => [row.id, row]));
    const accepted = new Set(ledger.map(({ opaque_id }) => opaque_id));
    return promises.kept.flatMap(({ kind, id, brief }) => {
      const told = `${kind} ${id}`;
      if (kind === 'message') {
        const row = messages.get(id);
        if (!row) return [`${told} was promised and has no row`];
        if (accepted.has(id) || row.status === 'unknown' || row.held_until !== null) return [];
        return row.status === 'failed' && row.attempts.some(({ outcome }) => outcome === 'refused')
          ? []
          : [`${told} was promised and never taken: ${row.status} ${row.reason}`];
      }
      const row = otps.get(id);
      if (!row) return [`${told} was promised and has no row`];
      const sends = byFlow.get(id) ?? [];
      if (sends.length === 0) return [`${told} has no message`];
      if (sends.some((send) => accepted.has(send.id) || send.status === 'unknown')) return [];
      // One that lives for seconds may have been overtaken by its end, and no other.
      if (brief && (row.status === 'expired' || sends.some(({ status }) => status === 'expired'))) return [];
      return explained.has(row.status) && sends.some(({ attempts }) => attempts.some((a) => a.outcome === 'refused'))
        ? []
        : [`${told} was promised and never taken: ${row.status}, ${sends.map(({ status }) => status).join()}`];
    });
  },
};
