import type { Ctx } from '../../../context.ts';
import { phoneVariants } from '../../../domain/phone-variants.ts';
import type { Contact } from '../../../entities/contact.ts';

/**
 * The phones that go with a contact: its own, those that it had when it was written to, and the other ways of writing
 * them. Not one that another contact has now: that one's passcodes and conversations are not this one's.
 */
export async function phonesOf(ctx: Ctx, { id, phone }: Contact): Promise<string[]> {
  const rows = await ctx.em.execute<{ phone: string }[]>(
    `select recipient as phone from app.messages where contact_id = ? and recipient like '+%'
     union select phone from app.inbound_messages where contact_id = ? and phone is not null
     union select phone from app.conversations where contact_id = ?`,
    [id, id, id],
  );
  const all = [...(phone ? [phone] : []), ...rows.map((row) => row.phone)].flatMap(phoneVariants);
  const others = await ctx.em.execute<{ phone: string }[]>(
    `select phone from app.contacts
     where phone = any (array(select jsonb_array_elements_text(?::jsonb))) and id <> ?`,
    [JSON.stringify(all), id],
  );
  const taken = new Set(others.map((row) => row.phone));
  return [...new Set(all)].filter((one) => !taken.has(one));
}

/** A list of phones as SQL takes it, with the list as JSON in the place of the `?`. */
export const anyOf = 'any (array(select jsonb_array_elements_text(?::jsonb)))';
