import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { mayReceive, type Topic } from '../../domain/consent.ts';
import { Contact } from '../../entities/contact.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';

/** Who is written to: a contact by its id, or a phone, which becomes a contact if nobody has it yet. */
export type Recipient = { contactId: string } | { to: string };

export async function findRecipient(ctx: Ctx, recipient: Recipient): Promise<Contact & { phone: string }> {
  const contact = 'to' in recipient ? await contactOf(ctx, recipient.to) : await contactById(ctx, recipient.contactId);
  if (contact.erasedAt || !contact.phone)
    throw new AppError('contact_erased', 'The contact was erased and cannot be written to.');
  return contact as Contact & { phone: string };
}

async function contactById(ctx: Ctx, id: string): Promise<Contact> {
  const contact = await ctx.em.findOne(Contact, { id });
  if (!contact || (contact.deletedAt && !contact.erasedAt))
    throw new AppError('unknown_contact', 'There is no such contact.');
  return contact;
}

async function contactOf(ctx: Ctx, phone: string): Promise<Contact> {
  const [made] = await ctx.em.execute<{ id: string }[]>(
    `insert into app.contacts (id, phone) values (?, ?)
     on conflict (tenant_id, phone) where deleted_at is null do nothing returning id`,
    [randomUUIDv7(), phone],
  );
  if (made) audit(ctx, 'contact.create', { type: 'contact', id: made.id }, ['phone']);
  return ctx.em.findOneOrFail(Contact, { phone, deletedAt: null });
}

/** Refuses what the contact does not want, while somebody can still be told. It is asked again before it leaves. */
export function refuseUnwanted({ consents }: Contact, topic: Topic): void {
  if (mayReceive(consents, topic)) return;
  if (consents[topic]) throw new AppError('opted_out', `The contact said no to ${topic} messages.`);
  throw new AppError('not_opted_in', `The contact has not said yes to ${topic} messages.`);
}
