import type { Ctx } from '../../context.ts';
import { Contact } from '../../entities/contact.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { AppError } from '../../errors.ts';

/** Whom an invoice is for, if anybody; one that was removed or erased is nobody. */
export async function contactOf(
  { em }: Pick<Ctx, 'em'>,
  { contactId }: Pick<Invoice, 'contactId'>,
): Promise<Contact | null> {
  return contactId ? em.findOne(Contact, { id: contactId, deletedAt: null, erasedAt: null }) : null;
}

/** The same for a contact that a request names. */
export async function namedContact(ctx: Ctx, contactId: string): Promise<Contact> {
  const contact = await contactOf(ctx, { contactId });
  if (!contact) throw new AppError('unknown_contact', 'There is no such contact.');
  return contact;
}
