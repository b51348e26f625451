import type { Ctx } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Consent, Topic } from '../../domain/consent.ts';
import type { Contact } from '../../entities/contact.ts';
import { audit } from '../audit.ts';
import { giveBack, givenBack, refuseByPerson, saidByPerson } from '../contacts/consent.ts';
import { lockContact } from '../contacts/lock.ts';

/**
 * Writes down what a person told WhatsApp, unless a younger word of theirs is known. Their no is stronger than any yes
 * that others report, and stands on top of a no that others reported. Their yes takes back a no of theirs and gives
 * back what that took, nothing else; only a yes to a topic that they `named` is more. Answers whether it changed
 * anything.
 */
export async function changeConsent(
  ctx: Ctx,
  contact: Contact,
  topics: readonly Topic[],
  allowed: boolean,
  at: Date,
  { named = false } = {},
): Promise<boolean> {
  // What stands in the row now, until we are done.
  await lockContact(ctx, contact.id);
  const changing = topics.filter((topic) => {
    const known = contact.consents[topic];
    const own = known && saidByPerson(known);
    if (own && (known.allowed === allowed || isYounger(known, at))) return false;
    return !allowed || (own && givenBack(topic, known, named) !== 'nothing');
  });
  if (changing.length === 0) return false;
  // The last word is the one that counts, so it is not older than those before it.
  const instants = changing.map((topic) => Date.parse(contact.consents[topic]?.at ?? '') || 0);
  const instant = new Date(Math.max(at.getTime(), ...instants)).toISOString();
  for (const topic of changing) {
    const known = contact.consents[topic];
    if (!allowed) refuseByPerson(ctx, contact, topic, instant);
    else if (known) giveBack(ctx, contact, topic, givenBack(topic, known, named), instant);
  }
  contact.updatedAt = await databaseNow(ctx.em);
  audit(ctx, allowed ? 'contact.opt_in' : 'contact.opt_out', { type: 'contact', id: contact.id }, ['consents']);
  await ctx.em.flush();
  return true;
}

/** Meta tells whole seconds: within one, the word that comes last counts. */
const isYounger = (known: Consent, at: Date): boolean =>
  Math.floor(Date.parse(known.at) / 1000) > Math.floor(at.getTime() / 1000);
