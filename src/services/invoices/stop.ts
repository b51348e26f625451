import type { Ctx } from '../../context.ts';
import { keysOf, reminderIn } from '../reminders/keys.ts';
import { lockMessages } from '../reminders/lock.ts';
import { endBehind, endForGood } from './end-for-good.ts';

/** A reminder that will not leave any more, and when it would have. */
export type Stopped = { id: string; plannedAt: Date | null };

export type StopReason = 'paid' | 'void' | 'uncollectible' | 'skipped' | 'deleted' | 'cancelled' | 'contact_gone';

/**
 * Ends reminders of an invoice whose row is locked, all that are pending or those named, in the caller's transaction.
 * One whose message waits in the ledger is taken out of it there: whoever would claim it at this moment has to lock the
 * same message, so after the commit nothing is sent. One that is at the provider already is past stopping, and stays;
 * should it come back unsent, it is not tried again. With all of them end those that stayed behind; of a flow that is
 * cancelled all that would come back.
 */
export async function stopReminders(
  ctx: Ctx,
  invoiceId: string,
  reason: StopReason,
  ids?: readonly string[],
): Promise<Stopped[]> {
  await lockMessages(ctx, invoiceId);
  const named = ids ? JSON.stringify(ids) : null;
  const status = reason === 'skipped' ? 'skipped' : 'cancelled';
  const rows = await ctx.em.execute<{ id: string; planned_at: string | null }[]>(
    `with wanted as (
       select r.id from app.reminders r
       where r.invoice_id = ? and r.status in ('scheduled', 'sending')
         and (?::jsonb is null or r.id in (select jsonb_array_elements_text(?::jsonb)::uuid))
     ), written as (
       select m.id, ${reminderIn('m.key')} as reminder, m.status from app.messages m
       where m.key in (${keysOf('select id from wanted')})
     ), unsent as (
       update app.messages m set status = 'cancelled', reason = ?, held_until = null, updated_at = clock_timestamp()
       from written where m.id = written.id and written.status = 'queued'
     ), called_off as (
       update app.messages m set withdrawn = ?, updated_at = clock_timestamp()
       from written where m.id = written.id and written.status in ('sending', 'unknown')
     )
     update app.reminders r set status = ?, reason = ?, ended_at = clock_timestamp(), updated_at = clock_timestamp()
     from wanted
     where r.id = wanted.id
       and not exists (
         select from written where written.reminder = r.id
           and written.status in ('sending', 'sent', 'delivered', 'read', 'unknown')
       )
       and (exists (select from written where written.reminder = r.id and written.status = 'queued')
         or not exists (select from written where written.reminder = r.id))
     returning r.id, r.planned_at`,
    [invoiceId, named, named, reason, reason, status, reason],
  );
  if (!ids) await (reason === 'cancelled' ? endForGood : endBehind)(ctx, invoiceId, reason);
  return rows
    .map(({ id, planned_at }) => ({ id, plannedAt: planned_at === null ? null : new Date(planned_at) }))
    .toSorted((a, b) => Number(a.plannedAt) - Number(b.plannedAt));
}
