import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Contact } from '../../entities/contact.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { contactErased, contactExists, writeFields, type ContactFields } from './create.ts';

/** Changes what is said and nothing else. */
export async function updateContact(
  scope: Scope,
  id: string,
  input: ContactFields & { phone?: string | undefined },
): Promise<Contact> {
  try {
    return await unitOfWork(scope, async (ctx) => {
      // Locked, so that a change does not write back what an erasure at the same time has removed.
      const contact = await ctx.em.findOne(Contact, { id, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!contact) throw notFound('contact');
      if (contact.erasedAt) throw contactErased();
      const fields = await writeFields(ctx, contact, input, 'api');
      if (fields.length > 0) {
        contact.updatedAt = await databaseNow(ctx.em);
        audit(ctx, 'contact.update', { type: 'contact', id }, fields);
      }
      return contact;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw contactExists();
    throw error;
  }
}

/** Takes a contact out of lists and sends. The row stays; its phone is free for a new contact. */
export function removeContact(scope: Scope, id: string): Promise<void> {
  return unitOfWork(scope, async (ctx) => {
    const contact = await ctx.em.findOne(Contact, { id, deletedAt: null });
    if (!contact) throw notFound('contact');
    contact.deletedAt = await databaseNow(ctx.em);
    audit(ctx, 'contact.delete', { type: 'contact', id }, ['deleted_at']);
  });
}
