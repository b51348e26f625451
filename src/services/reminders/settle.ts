import type { Ctx } from '../../context.ts';
import { Reminder } from '../../entities/reminder.ts';
import { raiseAlert } from '../alerts/raise.ts';

/**
 * Takes over what became of messages into the reminders of an invoice whose row is locked. One whose call nobody knows
 * the end of may still hear from the provider; when the time for that is up it is `unknown`, and a person is told.
 */
export async function endReminders(ctx: Ctx, invoiceId: string): Promise<void> {
  const ended = await ctx.em.execute<{ status: string; channel_id: string }[]>(
    `update app.reminders r set
       status = case when m.status in ('sent', 'delivered', 'read') then 'sent'
         when m.status = 'unknown' then 'unknown' when m.status = 'expired' then 'missed'
         when m.status = 'cancelled' then 'cancelled' else 'failed' end,
       reason = case when m.status in ('sent', 'delivered', 'read') then null else m.reason end,
       ended_at = clock_timestamp(), updated_at = clock_timestamp()
     from app.messages m
     where r.invoice_id = ? and m.key = 'reminder:' || r.id and m.status not in ('queued', 'sending')
       and (r.status = 'sending' and (m.status <> 'unknown' or m.settle_at is null or m.settle_at <= clock_timestamp())
         or r.status = 'unknown' and m.status <> 'unknown')
     returning r.status, m.channel_id`,
    [invoiceId],
  );
  for (const channel of new Set(ended.filter(({ status }) => status === 'unknown').map((row) => row.channel_id))) {
    await raiseAlert(ctx, {
      kind: 'message_unknown',
      subject: channel,
      channelId: channel,
      detail: 'Nobody knows whether some messages arrived, and they are not sent again by themselves.',
    });
  }
}

/** The reminders that have not ended, the next one first. */
export const pendingReminders = ({ em }: Ctx, invoiceId: string): Promise<Reminder[]> =>
  em.find(
    Reminder,
    { invoiceId, status: { $in: ['scheduled', 'sending'] }, plannedAt: { $ne: null } },
    { orderBy: { plannedAt: 'asc', id: 'asc' }, refresh: true },
  );
