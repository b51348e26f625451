import type { Ctx } from '../../context.ts';
import { Reminder } from '../../entities/reminder.ts';

/**
 * Takes over what became of messages into the reminders of an invoice whose row is locked, and answers those that are
 * still pending, the next one first.
 */
export async function endReminders(ctx: Ctx, invoiceId: string): Promise<Reminder[]> {
  await ctx.em.execute(
    `update app.reminders r set
       status = case when m.status in ('sent', 'delivered', 'read') then 'sent'
         when m.status = 'unknown' then 'unknown' when m.status = 'expired' then 'missed'
         when m.status = 'cancelled' then 'cancelled' else 'failed' end,
       reason = case when m.status in ('sent', 'delivered', 'read') then null else m.reason end,
       ended_at = clock_timestamp(), updated_at = clock_timestamp()
     from app.messages m
     where r.invoice_id = ? and r.status = 'sending' and m.key = 'reminder:' || r.id
       and m.status not in ('queued', 'sending')`,
    [invoiceId],
  );
  return ctx.em.find(
    Reminder,
    { invoiceId, status: { $in: ['scheduled', 'sending'] }, plannedAt: { $ne: null } },
    { orderBy: { plannedAt: 'asc', id: 'asc' }, refresh: true },
  );
}
