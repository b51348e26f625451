import type { Ctx } from '../../context.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { flowNow } from '../flows/clock.ts';

/**
 * Of an invoice that is owed again: takes back what its payment has cancelled and is still ahead, in the caller's
 * transaction, and answers their ids. What would have left meanwhile stays cancelled: nobody is reminded in the moment of a refund. `replan`
 * has to follow.
 */
export async function restoreReminders(ctx: Ctx, { id }: Invoice): Promise<string[]> {
  await ctx.em.flush();
  const rows = await ctx.em.execute<{ id: string }[]>(
    `with back as (
       update app.reminders r set status = 'scheduled', reason = null, ended_at = null, updated_at = clock_timestamp()
       where r.id in (
         select distinct on (c.days_before_due, c.business_days, coalesce(c.send_at_time, '')) c.id
         from app.reminders c
         where c.invoice_id = ? and c.status = 'cancelled' and c.reason = 'paid' and c.planned_at > ?
         order by c.days_before_due, c.business_days, coalesce(c.send_at_time, ''), c.id desc
       ) and not exists (
         select from app.reminders o
         where o.invoice_id = r.invoice_id and o.status in ('scheduled', 'sending')
           and o.days_before_due = r.days_before_due and o.business_days = r.business_days
           and o.send_at_time is not distinct from r.send_at_time
       )
       returning r.id
     ), waiting as (
       update app.messages m set status = 'queued', reason = null, updated_at = clock_timestamp()
       from back where m.key in ('reminder:' || back.id, 'reminder:' || back.id || ':email')
         and m.status = 'cancelled' and m.reason = 'paid'
     )
     select id from back`,
    [id, await flowNow(ctx.em, id)],
  );
  if (rows.length > 0) await ctx.em.find(Reminder, { invoiceId: id }, { refresh: true });
  return rows.map((row) => row.id);
}
