import { randomUUIDv7 } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Contact, type Attributes } from '../../entities/contact.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { applyOptIn, respectingPerson, type OptIn } from './consent.ts';
import { carryRefusals } from './refusals.ts';

/** Fields of a contact; `undefined` is "not said", `null` is "none". */
export type ContactFields = {
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  email?: string | null | undefined;
  timezone?: string | null | undefined;
  locale?: string | null | undefined;
  tags?: string[] | undefined;
  attributes?: Attributes | undefined;
  optIn?: OptIn | undefined;
};
/** Without a phone there is an `email`. */
export type CreateContact = ContactFields & { phone?: string | undefined };

export const contactExists = (): AppError => new AppError('contact_exists', 'Another contact has this phone number.');

export const contactErased = (): AppError =>
  new AppError('contact_erased', 'The contact was erased, and nothing is kept of it any more.');

export async function createContact(scope: Scope, input: CreateContact): Promise<Contact> {
  try {
    return await unitOfWork(scope, async (ctx) => {
      const { phone = null, email = null } = input;
      const contact = ctx.em.create(Contact, { id: randomUUIDv7(), phone, email, consents: {}, attributes: {} });
      await ctx.em.flush();
      const made = phone === null ? [] : [{ id: contact.id, phone }];
      if ((await carryRefusals(ctx, made)).has(contact.id)) await ctx.em.refresh(contact);
      const optIn = input.optIn === undefined ? undefined : respectingPerson(contact.consents, input.optIn);
      const fields = await writeFields(ctx, contact, { ...input, optIn }, 'api');
      await ctx.em.flush();
      audit(ctx, 'contact.create', { type: 'contact', id: contact.id }, [
        ...(phone === null ? [] : ['phone']),
        ...fields,
      ]);
      return contact;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) throw contactExists();
    throw error;
  }
}

/** Sets what was said and answers which fields that were. */
export async function writeFields(
  ctx: Ctx,
  contact: Contact,
  { optIn, tags, ...fields }: ContactFields & { phone?: string | undefined },
  source: string,
): Promise<string[]> {
  const said = Object.entries({ ...fields, tags: tags && [...new Set(tags)] }).filter(
    ([, value]) => value !== undefined,
  );
  Object.assign(contact, Object.fromEntries(said));
  // A history row refers to the contact: a new one has to be there first.
  await ctx.em.flush();
  if (optIn !== undefined) applyOptIn(ctx, contact, optIn, source, await databaseNow(ctx.em));
  return [...said.map(([name]) => name), ...(optIn === undefined ? [] : ['consents'])];
}
