import type { Ctx } from '../../context.ts';
import { messageUnknown } from '../alerts/message-unknown.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { keysOf, reminderIn } from './keys.ts';

/**
 * Takes over what became of messages into the reminders of an invoice whose row is locked. One whose call nobody knows
 * the end of may still hear from the provider; when the time for that is up it is `unknown`, and a person is told. It
 * ends when both its message and its mail have, and counts as sent when either was.
 */
export async function endReminders(ctx: Ctx, invoiceId: string): Promise<void> {
  const ended = await ctx.em.execute<{ was: string; doubted: string[] }[]>(
    `with written as (
       select ${reminderIn('m.key')} as reminder, m.status, m.reason, m.channel_id, f.clock_offset,
         m.status = 'unknown' and m.settle_at > clock_timestamp() + f.clock_offset as settling,
         row_number() over (partition by ${reminderIn('m.key')} order by
           m.status in ('sent', 'delivered', 'read') desc, m.status = 'unknown' desc, m.key) as place
       from app.messages m join app.flows f on f.id = m.flow_id
       where m.key in (${keysOf(`select id from app.reminders where invoice_id = ? and status in ('sending', 'unknown')`)})
     ), ended as (
       select reminder, coalesce(jsonb_agg(channel_id) filter (where status = 'unknown'), '[]') as doubted
       from written group by reminder
       having not bool_or(status in ('queued', 'sending')) and not coalesce(bool_or(settling), false)
     )
     update app.reminders r set
       status = case when m.status in ('sent', 'delivered', 'read') then 'sent'
         when m.status = 'unknown' then 'unknown' when m.status = 'expired' then 'missed'
         when m.status = 'cancelled' then 'cancelled' else 'failed' end,
       reason = case when m.status in ('sent', 'delivered', 'read') then null else m.reason end,
       ended_at = clock_timestamp() + m.clock_offset, updated_at = clock_timestamp()
     from ended join written m on m.reminder = ended.reminder and m.place = 1
       join app.reminders o on o.id = ended.reminder
     where r.id = ended.reminder and (r.status = 'sending' or r.status = 'unknown' and m.status <> 'unknown')
     returning o.status as was, ended.doubted`,
    [invoiceId],
  );
  // Also of what went beside one that was sent. What ended before has been told.
  const doubted = ended.flatMap((row) => (row.was === 'sending' ? row.doubted : []));
  for (const channel of new Set(doubted)) {
    await raiseAlert(ctx, messageUnknown(channel));
  }
}
