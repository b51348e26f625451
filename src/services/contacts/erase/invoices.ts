import type { Ctx } from '../../../context.ts';
import { keysOfOne } from '../../reminders/keys.ts';

/**
 * Ends the reminders of the contact's invoices, and takes their texts, which somebody may have written to one person.
 * The invoices stay: whom they are for is a contact without a name now. An invoice is locked before the messages of its
 * reminders, as payments do.
 */
export async function eraseReminders(ctx: Ctx, contactId: string): Promise<void> {
  await ctx.em.execute('select from app.invoices where contact_id = ? order by id for update', [contactId]);
  await ctx.em.execute(
    `update app.reminders r set message_template = '', updated_at = clock_timestamp(),
       status = case when o.status = 'scheduled' or o.status = 'sending' and not exists (
           select from app.messages m where m.key in (${keysOfOne('o.id')})
             and m.status <> 'queued'
         ) then 'cancelled'
         when o.status = 'sending' then 'unknown' else o.status end,
       reason = case when o.status in ('scheduled', 'sending') then 'erased' else o.reason end,
       ended_at = coalesce(o.ended_at, clock_timestamp())
     from app.reminders o
     join app.invoices i on i.id = o.invoice_id
     where i.contact_id = ? and o.id = r.id`,
    [contactId],
  );
}
