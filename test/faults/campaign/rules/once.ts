import { takenOf } from '../evidence.ts';
import type { Rule } from './rule.ts';

export const once: Rule = {
  name: 'once',
  says: 'the provider took each message, and a mailbox each mail, at most once; and a passcode’s second only after a call of unknown end',
  breaches({ rows, ledger, mails }) {
    const byId = new Map(rows.messages.map((row) => [row.id, row]));
    const twice = [...Map.groupBy(takenOf({ ledger, mails }), ({ id }) => id)]
      .filter(([, entries]) => entries.length > 1)
      .map(([id, entries]) => `message ${id} was taken ${entries.length} times: ${JSON.stringify(byId.get(id ?? ''))}`);

    const otps = new Map(rows.otps.map((row) => [row.id, row]));
    const tooMany = [
      ...Map.groupBy(
        rows.messages.filter(({ kind }) => kind === 'otp'),
        ({ flow_id }) => flow_id,
      ),
    ].flatMap(([flowId, sends]) => {
      const again = sends.filter(({ instead_of }) => instead_of !== null);
      const asked = otps.get(flowId ?? '')?.asked ?? 0;
      if (again.length > 1) return [`passcode ${flowId} was sent again by itself ${again.length} times`];
      if (sends.length - again.length > asked) return [`passcode ${flowId} has more messages than were asked for`];
      const doubted = byId.get(again[0]?.instead_of ?? '');
      const inDoubt = doubted?.attempts.some(({ outcome }) => outcome === 'ambiguous' || outcome === 'lapsed');
      return again.length === 1 && !inDoubt ? [`passcode ${flowId} was sent again without a doubt on record`] : [];
    });
    return [...twice, ...tooMany];
  },
};
