import type { Ctx } from '../../../context.ts';
import { phoneVariants } from '../../../domain/phone-variants.ts';
import { Contact } from '../../../entities/contact.ts';

/**
 * The phones that go with contacts: their own, those that they had before, and the other ways of writing them. Not one
 * that another living contact has: that one's passcodes and conversations are not theirs.
 */
export async function phonesOf(ctx: Ctx, contacts: Contact[]): Promise<string[]> {
  const ids = JSON.stringify(contacts.map(({ id }) => id));
  const rows = await ctx.em.execute<{ phone: string }[]>(
    `with erased as (select value::uuid as id from jsonb_array_elements_text(?::jsonb))
     select recipient as phone from app.messages where contact_id in (select id from erased) and recipient like '+%'
     union select phone from app.inbound_messages where contact_id in (select id from erased) and phone is not null
     union select phone from app.conversations where contact_id in (select id from erased)
     union select phone from app.former_phones where contact_id in (select id from erased)`,
    [ids],
  );
  const all = [...contacts.flatMap(({ phone }) => phone ?? []), ...rows.map((row) => row.phone)].flatMap(phoneVariants);
  const others = await ctx.em.execute<{ phone: string }[]>(
    `select phone from app.contacts where phone = ${anyOf} and deleted_at is null
       and id not in (select value::uuid from jsonb_array_elements_text(?::jsonb))`,
    [JSON.stringify(all), ids],
  );
  const taken = new Set(others.map((row) => row.phone));
  return [...new Set(all)].filter((one) => !taken.has(one));
}

/** Removed contacts that had one of the phones: rows that the same person left. */
export async function removedWith(ctx: Ctx, { id }: Contact, phones: string[]): Promise<Contact[]> {
  const rows = await ctx.em.execute<{ id: string }[]>(
    `select id from app.contacts where id <> ? and phone = ${anyOf} and deleted_at is not null
     order by id for no key update`,
    [id, JSON.stringify(phones)],
  );
  return ctx.em.find(Contact, { id: { $in: rows.map((row) => row.id) } }, { refresh: true, orderBy: { id: 'asc' } });
}

/** A list of phones as SQL takes it, with the list as JSON in the place of the `?`. */
export const anyOf = 'any (array(select jsonb_array_elements_text(?::jsonb)))';
