import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { topics, type Topic } from '../../domain/consent.ts';
import type { Contact } from '../../entities/contact.ts';
import { ContactConsent } from '../../entities/contact-consent.ts';

/** `true` or `false` for every topic, or an answer for some. */
export type OptIn = boolean | Partial<Record<Topic, boolean | undefined>>;

/** Writes a contact's answers into the contact and into the history. One that changes nothing leaves no trace. */
export function applyOptIn(ctx: Ctx, contact: Contact, optIn: OptIn, source: string, at: Date): void {
  for (const topic of topics) {
    const allowed = typeof optIn === 'boolean' ? optIn : optIn[topic];
    if (allowed === undefined || contact.consents[topic]?.allowed === allowed) continue;
    contact.consents = { ...contact.consents, [topic]: { allowed, source, at: at.toISOString() } };
    ctx.em.create(ContactConsent, { id: randomUUIDv7(), contactId: contact.id, topic, allowed, source, at });
  }
}
