import { LockMode } from '@mikro-orm/core';
import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Consent, Topic } from '../../domain/consent.ts';
import { Contact } from '../../entities/contact.ts';
import { audit } from '../audit.ts';
import { applyOptIn, FROM_PERSON, saidByPerson } from '../contacts/consent.ts';

/**
 * Writes down what a person told WhatsApp, unless a younger word of theirs is known. Their no is stronger than any yes
 * that others report; their yes takes back a no of theirs, and nothing else. Answers whether it changed anything.
 */
export async function changeConsent(
  ctx: Ctx,
  contact: Contact,
  topics: readonly Topic[],
  allowed: boolean,
  at: Date,
): Promise<boolean> {
  // What stands in the row now, until we are done.
  await ctx.em.findOneOrFail(Contact, { id: contact.id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  const changing = topics.filter((topic) => {
    const known = contact.consents[topic];
    const own = known && saidByPerson(known);
    if (allowed ? !own || known.allowed : known?.allowed === false) return false;
    return !(own && isYounger(known, at));
  });
  if (changing.length === 0) return false;
  // The last word is the one that counts, so it is not older than those before it.
  const instants = changing.map((topic) => Date.parse(contact.consents[topic]?.at ?? '') || 0);
  const instant = new Date(Math.max(at.getTime(), ...instants));
  applyOptIn(ctx, contact, Object.fromEntries(changing.map((topic) => [topic, allowed])), FROM_PERSON, instant);
  contact.updatedAt = await databaseNow(ctx.em);
  audit(ctx, allowed ? 'contact.opt_in' : 'contact.opt_out', { type: 'contact', id: contact.id }, ['consents']);
  await ctx.em.flush();
  return true;
}

/** Meta tells whole seconds: within one, the word that comes last counts. */
const isYounger = (known: Consent, at: Date): boolean =>
  Math.floor(Date.parse(known.at) / 1000) > Math.floor(at.getTime() / 1000);
