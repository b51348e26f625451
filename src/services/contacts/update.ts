import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Contact } from '../../entities/contact.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { wakeWaiting } from '../channels/wake.ts';
import { contactChanged } from '../reminders/wake.ts';
import { respectingPerson, type OptIn } from './consent.ts';
import { contactErased, contactExists, writeFields, type ContactFields } from './create.ts';
import { lockContact } from './lock.ts';
import { carryRefusals } from './refusals.ts';

type Change = ContactFields & { phone?: string | undefined };

/** Changes what is said and nothing else. */
export async function updateContact(scope: Scope, id: string, input: Change): Promise<Contact> {
  try {
    return await unitOfWork(scope, async (ctx) => {
      // Locked, so that a change does not write back what an erasure at the same time has removed.
      const contact = await lockContact(ctx, id);
      if (!contact || contact.deletedAt) throw notFound('contact');
      if (contact.erasedAt) throw contactErased();
      if (input.email === null && !contact.phone && input.phone === undefined) {
        throw new AppError('invalid_request', 'The contact would be reached by nothing any more.', {
          errors: [{ path: 'email', message: 'must stay, since there is no phone' }],
        });
      }
      const optIn = await movePhone(ctx, contact, input);
      const fields = await writeFields(ctx, contact, { ...input, optIn }, 'api');
      if (fields.length > 0) {
        contact.updatedAt = await databaseNow(ctx.em);
        audit(ctx, 'contact.update', { type: 'contact', id }, fields);
        await contactChanged(ctx, id);
      }
      return contact;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw contactExists();
    throw error;
  }
}

/**
 * Gives the contact its new phone, and with it what was refused there before. Answers which of the answers given with
 * it count: as for a new contact, not a yes where the person of that phone told WhatsApp no.
 */
async function movePhone(ctx: Ctx, contact: Contact, { phone, optIn }: Change): Promise<OptIn | undefined> {
  // Another spelling is the same person, whose no the contact has already.
  if (phone === undefined || (contact.phone && phoneVariants(contact.phone).includes(phone))) return optIn;
  contact.phone = phone;
  await ctx.em.flush();
  const refused = (await carryRefusals(ctx, [{ id: contact.id, phone }])).get(contact.id);
  if (!refused) return optIn;
  await ctx.em.refresh(contact);
  return optIn === undefined ? undefined : respectingPerson(refused, optIn);
}

/** Takes a contact out of lists and sends: messages that wait end. The row stays; its phone is free for a new contact. */
export function removeContact(scope: Scope, id: string): Promise<void> {
  return unitOfWork(scope, async (ctx) => {
    // Locked, so that what is planned for it at the same time is found below, or finds it gone.
    const contact = await lockContact(ctx, id);
    if (!contact || contact.deletedAt) throw notFound('contact');
    contact.deletedAt = await databaseNow(ctx.em);
    await wakeWaiting(ctx, 'removedContact', id);
    await contactChanged(ctx, id);
    audit(ctx, 'contact.delete', { type: 'contact', id }, ['deleted_at']);
  });
}
