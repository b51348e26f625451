import { raw } from '@mikro-orm/core';
import { reader, type Scope } from '../../context.ts';
import type { Topic } from '../../domain/consent.ts';
import { Contact } from '../../entities/contact.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export async function getContact(scope: Scope, id: string): Promise<Contact> {
  const contact = await reader(scope).findOne(Contact, { id, deletedAt: null });
  if (!contact) throw notFound('contact');
  return contact;
}

export type ListContacts = PageRequest & {
  phone?: string | undefined;
  email?: string | undefined;
  tag?: string | undefined;
  optedIn?: Topic | undefined;
};

/** The columns that are filtered by are plain ones, some of them computed: see the migration. */
export function listContacts(
  scope: Scope,
  { phone, email, tag, optedIn, ...page }: ListContacts,
): Promise<Page<Contact>> {
  const where = {
    deletedAt: null,
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { [raw((alias) => `${alias}.email_folded`)]: email.toLowerCase() }),
    ...(tag === undefined
      ? {}
      : { id: { $in: raw('(select t.contact_id from app.contact_tags t where t.tag = ?)', [tag]) } }),
    ...(optedIn === undefined ? {} : { [raw((alias) => `${alias}.opted_in_${optedIn}`)]: true }),
  };
  return newestPage(reader(scope), Contact, where, page);
}
