import type { Rule } from './rule.ts';

export const explained: Rule = {
  name: 'explained',
  says: 'each message that did not arrive has evidence or a reason; one that stays unknown raised an alert, but for a code',
  breaches({ rows }) {
    const otps = new Map(rows.otps.map((row) => [row.id, row]));
    const alerted = new Set(
      rows.alerts.filter(({ open }) => open).map(({ kind, channel_id }) => `${kind} ${channel_id}`),
    );
    return rows.messages.flatMap((row) => {
      const told = `${row.kind} message ${row.id} is ${row.status}`;
      const has = (...outcomes: string[]) => row.attempts.some(({ outcome }) => outcomes.includes(outcome));
      switch (row.status) {
        case 'unknown':
          if (!has('ambiguous', 'lapsed')) return [`${told} without a call of unknown end`];
          return row.kind === 'otp' || alerted.has(`message_unknown ${row.channel_id}`) ? [] : [`${told}, no alert`];
        case 'failed':
          return row.error_code === null ? [`${told} without a code`] : [];
        case 'cancelled':
        case 'expired': {
          const ended = row.kind === 'otp' && otps.get(row.flow_id ?? '')?.status !== 'pending';
          return row.reason !== null || ended ? [] : [`${told} without a reason`];
        }
        case 'queued':
          return row.held_until === null ? [`${told} and nothing says until when`] : [];
        case 'sending':
          return [`${told} although nobody sends`];
        case 'sent':
        case 'delivered':
        case 'read':
          // Where a sender died after its call, the provider's own word is the evidence.
          return has('accepted', 'ambiguous', 'lapsed') || row.told.length > 0
            ? []
            : [`${told} without a call on record`];
        default:
          return [`${told}, which no rule knows`];
      }
    });
  },
};
