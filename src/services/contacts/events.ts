import { randomUUIDv7 } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import { reader, unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { ContactEvent } from '../../entities/contact-event.ts';
import { Contact, type Attributes } from '../../entities/contact.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';
import { contactErased } from './create.ts';
import { getContact } from './get.ts';

export type NewEvent = { name: string; properties?: Attributes | undefined; at?: Date | undefined };

/** Keeps what a contact did, as the tenant tells it. */
export function addEvent(scope: Scope, contactId: string, { name, properties, at }: NewEvent): Promise<ContactEvent> {
  return unitOfWork(scope, async (ctx) => {
    // Locked, so that an erasure at the same time either sees the event or comes first.
    const contact = await ctx.em.findOne(
      Contact,
      { id: contactId, deletedAt: null },
      { lockMode: LockMode.PESSIMISTIC_READ },
    );
    if (!contact) throw notFound('contact');
    if (contact.erasedAt) throw contactErased();
    const event = ctx.em.create(ContactEvent, {
      id: randomUUIDv7(),
      contactId,
      name,
      properties: properties ?? {},
      at: at ?? (await databaseNow(ctx.em)),
    });
    audit(ctx, 'contact.event', { type: 'contact', id: contactId });
    return event;
  });
}

export async function listEvents(
  scope: Scope,
  contactId: string,
  { name, ...page }: PageRequest & { name?: string | undefined },
): Promise<Page<ContactEvent>> {
  await getContact(scope, contactId);
  return newestPage(reader(scope), ContactEvent, { contactId, ...(name === undefined ? {} : { name }) }, page);
}
