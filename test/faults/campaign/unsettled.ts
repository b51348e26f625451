import type { LedgerEntry } from '../../../src/sandbox/ledger.ts';
import { lastWord, type Rows } from './evidence.ts';

const before = { sent: ['sending', 'unknown'], delivered: ['sent'], read: ['sent', 'delivered'], failed: ['sent'] };

/** What should still change by itself, while nobody asks for anything. A flow that waits for its time is settled. */
export function unsettled({ messages, otps, flows, outbox, inbox }: Rows, ledger: LedgerEntry[]): string[] {
  const now = Date.now();
  const told = new Map(ledger.map((entry) => [entry.opaque_id, lastWord(entry)]));
  const lives = new Set(otps.filter(({ status, overdue }) => status === 'pending' && !overdue).map(({ id }) => id));
  const running = new Set(flows.filter(({ status }) => status === 'running').map(({ id }) => id));
  const resent = new Set(messages.flatMap(({ instead_of, flow_id }) => (instead_of === null ? [] : [flow_id])));

  return [
    ...messages.flatMap(({ id, kind, status, flow_id, held_until }) => {
      const isHeld = kind !== 'otp' && held_until !== null && held_until.getTime() > now;
      const waits = (status === 'queued' && !isHeld) || status === 'sending';
      const isDoubted = status === 'unknown' && (kind === 'otp' ? lives.has(flow_id ?? '') : running.has(id));
      const word = told.get(id);
      const comes = word !== undefined && before[word as keyof typeof before]?.includes(status);
      if (waits || comes || (isDoubted && !resent.has(flow_id))) return [`${kind} message ${id} is still ${status}`];
      const ended = status !== 'queued' && status !== 'unknown';
      return kind !== 'otp' && ended && running.has(flow_id ?? '') ? [`flow ${id} of a ${status} message runs`] : [];
    }),
    ...otps.filter(({ overdue }) => overdue).map(({ id }) => `passcode ${id} is overdue`),
    ...otps.filter(({ id, status }) => status !== 'pending' && running.has(id)).map(({ id }) => `flow ${id} runs on`),
    ...outbox.map(
      ({ id, operation, parked, flow_id, attempts }) =>
        `outbox row ${id} (${operation} of ${flow_id}) is ${parked ? 'given up' : 'waiting'} after ${attempts} tries`,
    ),
    ...inbox.map(
      ({ id, parked, attempts }) => `webhook ${id} is ${parked ? 'given up' : 'not applied'} after ${attempts} tries`,
    ),
  ];
}
