import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { Contact } from '../../entities/contact.ts';
import { audit } from '../audit.ts';

/** WhatsApp names a person by the digits of the phone; anything else is no phone. */
export const phoneOf = (from: string | undefined): string | undefined =>
  from !== undefined && /^\+?[1-9]\d{4,19}$/.test(from) ? `+${from.replace('+', '')}` : undefined;

export async function findPerson(ctx: Ctx, phone: string): Promise<Contact | undefined> {
  const found = await ctx.em.find(Contact, { phone: { $in: phoneVariants(phone) }, deletedAt: null });
  return found.find((contact) => contact.phone === phone) ?? found[0];
}

/** A no has to be remembered, also of somebody whom the tenant does not know yet. */
export async function rememberPerson(ctx: Ctx, phone: string): Promise<Contact> {
  const contact = ctx.em.create(Contact, { id: randomUUIDv7(), phone, consents: {}, attributes: {} });
  audit(ctx, 'contact.create', { type: 'contact', id: contact.id }, ['phone']);
  await ctx.em.flush();
  return contact;
}
