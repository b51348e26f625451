import type { Ctx } from '../../context.ts';
import { Contact } from '../../entities/contact.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { AppError } from '../../errors.ts';

/** Whom an invoice is for, if anybody; one that was removed or erased is nobody. */
export async function contactOf(
  { em }: Pick<Ctx, 'em'>,
  { contactId }: Pick<Invoice, 'contactId'>,
): Promise<Contact | null> {
  // By its id alone, which asks nobody for one that this unit of work has read already.
  const contact = contactId ? await em.findOne(Contact, { id: contactId }) : null;
  return contact && !contact.deletedAt && !contact.erasedAt ? contact : null;
}

/** The same for a contact that a request names. */
export async function namedContact(ctx: Ctx, contactId: string): Promise<Contact> {
  const contact = await contactOf(ctx, { contactId });
  if (!contact) throw new AppError('unknown_contact', 'There is no such contact.');
  return contact;
}
