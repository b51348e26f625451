import { reader, type Scope } from '../../context.ts';
import { Contact } from '../../entities/contact.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export async function getContact(scope: Scope, id: string): Promise<Contact> {
  const contact = await reader(scope).findOne(Contact, { id, deletedAt: null });
  if (!contact) throw notFound('contact');
  return contact;
}

export type ListContacts = PageRequest & { phone?: string | undefined; tag?: string | undefined };

export function listContacts(scope: Scope, { phone, tag, ...page }: ListContacts): Promise<Page<Contact>> {
  const where = {
    deletedAt: null,
    ...(phone === undefined ? {} : { phone }),
    ...(tag === undefined ? {} : { tags: { $contains: [tag] } }),
  };
  return newestPage(reader(scope), Contact, where, page);
}
