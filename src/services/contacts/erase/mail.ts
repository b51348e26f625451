import type { Ctx } from '../../../context.ts';
import { mailAddress } from '../../../domain/mail-address.ts';
import type { Contact } from '../../../entities/contact.ts';
import { erasedPhone } from '../erased.ts';
import { anyOf } from './phones.ts';

/**
 * That somebody wants no mail outlives the erasure: the address becomes its MAC, by which a new contact is found to have
 * it. Before the messages, which know what the contact's earlier addresses were. Answers all of them.
 */
export async function eraseMailRefusals(ctx: Ctx, contacts: Contact[]): Promise<string[]> {
  const ids = JSON.stringify(contacts.map(({ id }) => id));
  const sent = await ctx.em.execute<{ recipient: string }[]>(
    `select distinct recipient from app.messages
     where contact_id in (select value::uuid from jsonb_array_elements_text(?::jsonb)) and recipient like '%@%'`,
    [ids],
  );
  const own = contacts.flatMap(({ email }) => (email ? [mailAddress(email)] : []));
  const addresses = [...new Set([...own, ...sent.map(({ recipient }) => recipient)])];
  // Those that another contact has stay as they are: they are that one's as well.
  const rows = await ctx.em.execute<{ id: string; address: string; topic: string }[]>(
    `select u.id, u.address, u.topic from app.mail_refusals u
     where u.address = ${anyOf} and not exists (
       select from app.contacts c where lower(c.email) = u.address and c.deleted_at is null
         and c.id not in (select value::uuid from jsonb_array_elements_text(?::jsonb))
     ) for update`,
    [JSON.stringify(addresses), ids],
  );
  for (const { id, address, topic } of rows) {
    const erased = erasedPhone(ctx, address);
    await ctx.em.execute('delete from app.mail_refusals where address = ? and topic = ?', [erased, topic]);
    await ctx.em.execute('update app.mail_refusals set address = ? where id = ?', [erased, id]);
  }
  return addresses;
}
