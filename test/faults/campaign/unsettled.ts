import { reminderOf } from '../../../src/services/reminders/keys.ts';
import type { LedgerEntry } from '../../../src/sandbox/ledger.ts';
import { lastWord, type MessageRow, type Rows } from './evidence.ts';

/** In which states a row has not yet heard what the provider said last. */
const before: Record<string, string[]> = {
  sent: ['sending', 'unknown'],
  delivered: ['sending', 'unknown', 'sent'],
  read: ['sending', 'unknown', 'sent', 'delivered'],
  failed: ['sending', 'unknown', 'sent'],
};

/** What leaves while the judge reads would be in the ledger, and not in the rows that were read before it. */
const soonMs = 5_000;

/**
 * What should still change by itself, while nobody asks for anything. A flow that waits for its time is settled, unless
 * that time is about to come.
 */
export function unsettled(rows: Rows, ledger: LedgerEntry[]): string[] {
  const { otps, outbox, inbox } = rows;
  const now = rows.readAt + soonMs;
  // Of each kind of flow, since each ends by rules of its own.
  const running = new Map(rows.flows.flatMap(({ id, kind, status }) => (status === 'running' ? [[id, kind]] : [])));
  return [
    ...messagesOf(rows, ledger, { running, now }),
    ...invoicesOf(rows, { running, now }),
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

type Now = { running: Map<string, string>; now: number };

/** It waits until a time that its row says. A passcode has no such time. */
const isHeld = ({ kind, status, held_until }: MessageRow, now: number): boolean =>
  kind !== 'otp' && status === 'queued' && held_until !== null && held_until.getTime() > now;

function messagesOf({ messages, otps, reminders }: Rows, ledger: LedgerEntry[], { running, now }: Now): string[] {
  const told = new Map(ledger.map((entry) => [entry.opaque_id, lastWord(entry)]));
  const lives = new Set(otps.filter(({ status, overdue }) => status === 'pending' && !overdue).map(({ id }) => id));
  const resent = new Set(messages.flatMap(({ instead_of, flow_id }) => (instead_of === null ? [] : [flow_id])));
  const beingSent = new Set(reminders.filter(({ status }) => status === 'sending').map(({ id }) => id));
  /** Whether somebody still decides about a message of which nobody knows what came. */
  const isDecidedOn = ({ kind, key, flow_id: flowId }: MessageRow): boolean => {
    if (kind === 'otp') return lives.has(flowId ?? '') && !resent.has(flowId);
    return kind === 'reminder' ? beingSent.has(reminderOf(key) ?? '') : running.has(flowId ?? '');
  };
  return messages.flatMap((row) => {
    const { id, kind, status, flow_id: flowId } = row;
    const waits = (status === 'queued' && !isHeld(row, now)) || status === 'sending';
    const comes = before[told.get(id) ?? '']?.includes(status) ?? false;
    if (waits || comes || (status === 'unknown' && isDecidedOn(row)))
      return [`${kind} message ${id} is still ${status}`];
    // A flow of its own ends with it.
    const ended = status !== 'queued' && status !== 'unknown' && running.get(flowId ?? '') === 'message';
    return ended ? [`flow ${flowId} of a ${status} message runs`] : [];
  });
}

/** An invoice's flow waits for its next reminder, however far that is, and ends with the last. */
function invoicesOf({ messages, reminders }: Rows, { running, now }: Now): string[] {
  const held = new Set(messages.filter((row) => isHeld(row, now)).map(({ key }) => reminderOf(key)));
  const pending = reminders.filter(({ status }) => status === 'scheduled' || status === 'sending');
  const waiting = new Set(pending.map(({ invoice_id }) => invoice_id));
  return [
    ...pending.flatMap(({ id, status, invoice_id, planned_at }) => {
      // A draft reminds nobody, and its reminders have no time.
      const isDue = planned_at !== null && planned_at.getTime() <= now;
      return isDue && !held.has(id) ? [`reminder ${id} of invoice ${invoice_id} is still ${status}`] : [];
    }),
    ...[...running].flatMap(([id, kind]) =>
      kind === 'invoice' && !waiting.has(id)
        ? [`the flow of invoice ${id} runs, and nothing is left to remind of`]
        : [],
    ),
  ];
}
