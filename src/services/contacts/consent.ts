import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { mayReceive, topics, type Consent, type Consents, type Topic } from '../../domain/consent.ts';
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
    say(ctx, contact, topic, { allowed, source, at: at.toISOString() });
  }
}

function say(ctx: Ctx, contact: Contact, topic: Topic, consent: Consent): void {
  contact.consents = { ...contact.consents, [topic]: consent };
  const { allowed, source, at } = consent;
  ctx.em.create(ContactConsent, {
    id: randomUUIDv7(),
    contactId: contact.id,
    topic,
    allowed,
    source,
    at: new Date(at),
  });
}

/** The person's own no, also on top of one that others reported. What it takes away is kept, to be given back. */
export function refuseByPerson(ctx: Ctx, contact: Contact, topic: Topic, at: string): void {
  const known = contact.consents[topic];
  const before = known && { allowed: known.allowed, source: known.source, at: known.at };
  say(ctx, contact, topic, { allowed: false, source: FROM_PERSON, at, ...(before && { before }) });
}

/** What the end of the person's no leaves: a yes, what others had said before, or nothing that differs. */
export type GivenBack = 'yes' | 'before' | 'nothing';

/** A no of others stands again. Marketing needs a yes that was there before, or one by `named`: for this very topic. */
export function givenBack(topic: Topic, { before }: Consent, named: boolean): GivenBack {
  if (before && !before.allowed) return 'before';
  return before || named || mayReceive({}, topic) ? 'yes' : 'nothing';
}

/** Ends the person's own no. The history is of words: what others said before is not said once more. */
export function giveBack(ctx: Ctx, contact: Contact, topic: Topic, what: GivenBack, at: string): void {
  const before = contact.consents[topic]?.before;
  if (what === 'yes') say(ctx, contact, topic, { allowed: true, source: FROM_PERSON, at });
  if (what === 'before' && before) contact.consents = { ...contact.consents, [topic]: before };
}
