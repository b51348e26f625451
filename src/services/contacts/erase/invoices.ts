import type { Ctx } from '../../../context.ts';
import { calledOff, fatesOf } from '../../reminders/fate.ts';
import { keysOf, reminderIn } from '../../reminders/keys.ts';

const { status, reason } = calledOff('erased');
const pending = `o.status in ('scheduled', 'sending')`;

/** Holds the contact's invoices. Each is locked before the messages of its reminders, as payments do. */
export const lockInvoices = (ctx: Ctx, contactId: string): Promise<unknown> =>
  ctx.em.execute('select from app.invoices where contact_id = ? order by id for update', [contactId]);

/**
 * Ends the reminders of the contact's invoices, whose messages have been dealt with, and takes their texts, which
 * somebody may have written to one person. The invoices stay: whom they are for is a contact without a name now.
 */
export async function eraseReminders(ctx: Ctx, contactId: string): Promise<void> {
  const ending = `select o.id from app.reminders o join app.invoices i on i.id = o.invoice_id
    where i.contact_id = ? and ${pending}`;
  await ctx.em.execute(
    `with written as (
       select ${reminderIn('m.key')} as reminder, m.key, m.status, m.reason from app.messages m
       where m.key in (${keysOf(ending)}) and m.status <> 'queued'
     ), fates as (${fatesOf('written')})
     update app.reminders r set message_template = '',
       status = case when ${pending} then ${status} else o.status end,
       reason = case when ${pending} then ${reason} else o.reason end,
       ended_at = coalesce(o.ended_at, clock_timestamp()), updated_at = clock_timestamp()
     from app.reminders o
     join app.invoices i on i.id = o.invoice_id
     left join fates on fates.reminder = o.id
     where i.contact_id = ? and o.id = r.id`,
    [contactId, contactId],
  );
}
