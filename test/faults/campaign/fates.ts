import { takenOf, type MessageRow, type OtpRow } from './evidence.ts';
import type { Evidence } from './rules/rule.ts';

/**
 * What became of something that was promised: `taken` by the provider or a mailbox; `in_doubt`, a call of which nobody
 * knows the end, as the policy has it; `held` until a time that its row says; `refused` by the provider; `stopped`, a
 * reminder by a payment or a cancel; `expired_tried`, a passcode of seconds that was over before a try succeeded;
 * `expired_untried`, one whose whole life lay in the fault; `outlived`, the same of one that lives for minutes.
 */
export type Fate =
  | 'taken'
  | 'in_doubt'
  | 'held'
  | 'refused'
  | 'stopped'
  | 'expired_tried'
  | 'expired_untried'
  | 'outlived';

/** What waited while the world was broken may still need that long to be begun. */
const backlogMs = 20_000;

/** What puts an end to reminders in the load. */
const isEnd = (reason: string | null): boolean => reason === 'paid' || reason === 'cancelled';

type Judged = Pick<Evidence, 'ledger' | 'mails' | 'mendedAt'>;

/** Undefined: it never arrived, and nothing excuses that. */
export function createFates({ ledger, mails, mendedAt }: Judged) {
  const taken = new Set(takenOf({ ledger, mails }).map(({ id }) => id));

  const ofMessage = (row: MessageRow): Fate | undefined => {
    if (taken.has(row.id)) return 'taken';
    if (row.status === 'unknown') return 'in_doubt';
    if (row.held_until !== null) return 'held';
    if (row.status === 'failed' && row.attempts.some(({ outcome }) => outcome === 'refused')) return 'refused';
    const { kind, status, reason } = row;
    return kind === 'reminder' && status === 'cancelled' && isEnd(reason) ? 'stopped' : undefined;
  };
  const ofPasscode = (otp: OtpRow, sends: MessageRow[], isBrief: boolean): Fate | undefined => {
    if (sends.some(({ id }) => taken.has(id))) return 'taken';
    if (sends.some(({ status }) => status === 'unknown')) return 'in_doubt';
    const attempts = sends.flatMap((send) => send.attempts);
    if (otp.status === 'expired' || sends.some(({ status }) => status === 'expired')) {
      const inTheFault = otp.expires_at.getTime() < mendedAt + backlogMs;
      if (!isBrief) return inTheFault ? 'outlived' : undefined;
      if (attempts.length > 0) return 'expired_tried';
      return inTheFault ? 'expired_untried' : undefined;
    }
    // It ended before a phone could show it, and says why.
    const ended = otp.status === 'undeliverable' || otp.status === 'cancelled';
    return ended && attempts.some(({ outcome }) => outcome === 'refused') ? 'refused' : undefined;
  };
  return { ofMessage, ofPasscode };
}
