import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { topics, type Consent, type Consents, type Topic } from '../../domain/consent.ts';
import type { Contact } from '../../entities/contact.ts';
import { ContactConsent } from '../../entities/contact-consent.ts';

/** `true` or `false` for every topic, or an answer for some. */
export type OptIn = boolean | Partial<Record<Topic, boolean | undefined>>;
export type Answer = { topic: Topic; allowed: boolean };

/** Where an answer comes from that the person gave in WhatsApp, with nobody in between. */
export const FROM_PERSON = 'whatsapp';
export const saidByPerson = ({ source }: Consent): boolean => source === FROM_PERSON;

/** What of the answers to a new contact counts: what the person refused in WhatsApp before stays refused. */
export function respectingPerson(known: Consents, optIn: OptIn): OptIn {
  const counts = ({ topic, allowed }: Answer) => {
    const said = known[topic];
    return !(allowed && said && saidByPerson(said));
  };
  return Object.fromEntries(
    newAnswers(known, optIn)
      .filter(counts)
      .map(({ topic, allowed }) => [topic, allowed]),
  );
}

/** The answers that differ from what is known already. */
export function newAnswers(known: Consents, optIn: OptIn): Answer[] {
  return topics.flatMap((topic) => {
    const allowed = typeof optIn === 'boolean' ? optIn : optIn[topic];
    return allowed === undefined || known[topic]?.allowed === allowed ? [] : [{ topic, allowed }];
  });
}

/** Writes a contact's answers into the contact and into the history. One that changes nothing leaves no trace. */
export function applyOptIn(ctx: Ctx, contact: Contact, optIn: OptIn, source: string, at: Date): void {
  for (const { topic, allowed } of newAnswers(contact.consents, optIn)) {
    contact.consents = { ...contact.consents, [topic]: { allowed, source, at: at.toISOString() } };
    ctx.em.create(ContactConsent, { id: randomUUIDv7(), contactId: contact.id, topic, allowed, source, at });
  }
}
