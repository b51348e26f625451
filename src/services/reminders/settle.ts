import type { Ctx } from '../../context.ts';
import { raiseUnknown } from '../alerts/message-unknown.ts';
import { fatesOf } from './fate.ts';
import { keysOf, reminderIn } from './keys.ts';

/**
 * Takes over what became of messages into the reminders of an invoice whose row is locked. One whose call nobody knows
 * the end of may still hear from the provider; when the time for that is up it is `unknown`, and a person is told. It
 * ends when both its message and its mail have. One that is `unknown` waits for neither.
 */
export async function endReminders(ctx: Ctx, invoiceId: string): Promise<void> {
  const ended = await ctx.em.execute<{ was: string; doubted: string[] }[]>(
    `with written as (
       select ${reminderIn('m.key')} as reminder, m.key, m.status, m.reason, m.channel_id, f.clock_offset,
         m.status = 'unknown' and m.settle_at > clock_timestamp() + f.clock_offset as settling
       from app.messages m join app.flows f on f.id = m.flow_id
       where m.key in (${keysOf(`select id from app.reminders where invoice_id = ? and status in ('sending', 'unknown')`)})
     ), fates as (${fatesOf('written')}), whole as (
       select reminder, max(clock_offset) as clock_offset,
         bool_or(status in ('queued', 'sending')) or coalesce(bool_or(settling), false) as waits,
         coalesce(jsonb_agg(channel_id) filter (where status = 'unknown'), '[]') as doubted
       from written group by reminder
     )
     update app.reminders r set status = fates.status, reason = fates.reason,
       ended_at = clock_timestamp() + whole.clock_offset, updated_at = clock_timestamp()
     from fates join whole on whole.reminder = fates.reminder join app.reminders o on o.id = fates.reminder
     where r.id = fates.reminder
       and (r.status = 'sending' and not whole.waits or r.status = 'unknown' and fates.status <> 'unknown')
     returning o.status as was, whole.doubted`,
    [invoiceId],
  );
  // Also of what went beside one that was sent. What ended before has been told.
  const doubted = ended.flatMap((row) => (row.was === 'sending' ? row.doubted : []));
  await raiseUnknown(ctx, doubted);
}
