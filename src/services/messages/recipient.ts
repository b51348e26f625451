import { LockMode } from '@mikro-orm/core';
import type { Ctx } from '../../context.ts';
import { mayReceive, type Topic } from '../../domain/consent.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { Contact } from '../../entities/contact.ts';
import { AppError } from '../../errors.ts';
import { makeContact } from '../contacts/refusals.ts';

/** Who is written to: a contact by its id, or a phone, which becomes a contact if nobody has it yet. */
export type Recipient = { contactId: string } | { to: string };

/** Until the message is planned, the contact is neither erased nor removed, and no answer of it changes. */
const standing = { lockMode: LockMode.PESSIMISTIC_READ, refresh: true } as const;

export async function findRecipient(ctx: Ctx, recipient: Recipient): Promise<Contact & { phone: string }> {
  const contact = 'to' in recipient ? await contactOf(ctx, recipient.to) : await contactById(ctx, recipient.contactId);
  if (contact.erasedAt) throw new AppError('contact_erased', 'The contact was erased and cannot be written to.');
  if (!contact.phone) throw new AppError('unknown_contact', 'The contact has no phone, and is reached by mail alone.');
  return contact as Contact & { phone: string };
}

async function contactById(ctx: Ctx, id: string): Promise<Contact> {
  const contact = await ctx.em.findOne(Contact, { id }, standing);
  if (!contact || (contact.deletedAt && !contact.erasedAt))
    throw new AppError('unknown_contact', 'There is no such contact.');
  return contact;
}

/** Whoever makes or removes the contact at the same time comes before or after us: then we look again. */
async function contactOf(ctx: Ctx, phone: string): Promise<Contact> {
  for (;;) {
    const living = { phone: { $in: phoneVariants(phone) }, deletedAt: null };
    const found = await ctx.em.find(Contact, living, { ...standing, orderBy: { id: 'asc' } });
    const contact = found.find((one) => one.phone === phone) ?? found[0];
    if (contact) return contact;
    await makeContact(ctx, phone);
  }
}

/** Refuses what the contact does not want, while somebody can still be told. It is asked again before it leaves. */
export function refuseUnwanted({ consents }: Contact, topic: Topic): void {
  if (mayReceive(consents, topic)) return;
  if (consents[topic]) throw new AppError('opted_out', `The contact said no to ${topic} messages.`);
  throw new AppError('not_opted_in', `The contact has not said yes to ${topic} messages.`);
}
