import type { Ctx } from '../../context.ts';
import { Contact } from '../../entities/contact.ts';

/**
 * The contact as it stands, and nobody else changes it until we have committed. Rows that merely refer to it may be
 * written meanwhile: a webhook that keeps what the person wrote does not wait for us, nor we for it.
 *
 * Whoever locks several kinds of rows takes contacts first, then passcodes, the inbox, messages, flows.
 */
export async function lockContact(ctx: Ctx, id: string): Promise<Contact | null> {
  await ctx.em.execute('select from app.contacts where id = ? for no key update', [id]);
  return ctx.em.findOne(Contact, { id }, { refresh: true });
}

/** The living contacts that have one of the phones, locked as above, in the order of their ids. */
export async function lockPhones(ctx: Ctx, phones: string[]): Promise<Contact[]> {
  const rows = await ctx.em.execute<{ id: string }[]>(
    `select id from app.contacts
     where phone = any (array(select jsonb_array_elements_text(?::jsonb))) and deleted_at is null
     order by id for no key update`,
    [JSON.stringify(phones)],
  );
  if (rows.length === 0) return [];
  return ctx.em.find(Contact, { id: { $in: rows.map(({ id }) => id) } }, { refresh: true, orderBy: { id: 'asc' } });
}
