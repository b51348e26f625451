import { setTimeout as delay } from 'node:timers/promises';
import { DeadlockException } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../../context.ts';
import { databaseNow } from '../../../database.ts';
import type { Contact } from '../../../entities/contact.ts';
import { lockContact } from '../lock.ts';
import { ERASED_PHONE } from '../refusals.ts';
import { notFound } from '../../../errors.ts';
import { audit } from '../../audit.ts';
import { forgetAnswers } from '../../idempotency/forget.ts';
import { inTurn } from '../../turns.ts';
import { eraseFromFiles, lockFiles } from './files.ts';
import { cancelFlows } from './flows.ts';
import { eraseInbound } from './inbound.ts';
import { eraseReminders, lockInvoices } from './invoices.ts';
import { eraseMailRefusals } from './mail.ts';
import { eraseMessages } from './messages.ts';
import { erasePace, erasePasscodes } from './passcodes.ts';
import { phonesOf, removedWith } from './phones.ts';
import { eraseFromInbox } from './webhooks.ts';

/** Erasures touch the same webhooks, so many at once would only wait for each other. */
const turns = { kind: 'erase', atOnce: 2 };
/** For so long it begins anew when it stands in somebody's way; a caller waits for little longer. */
const PATIENCE_MS = 6_000;

/**
 * Removes what is personal about a contact, everywhere, in one transaction. What stays is the skeleton: that messages
 * were sent, when, and what came of them; each yes and no with its instant. Asked again, it removes what a request at the
 * same time has left.
 */
export const eraseContact = (scope: Scope, id: string): Promise<Contact> =>
  inTurn(scope.deps.pool, turns, () => eraseUntilDone(scope, id));

async function eraseUntilDone(scope: Scope, id: string): Promise<Contact> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await unitOfWork(scope, (ctx) => erase(ctx, id));
    } catch (error) {
      // It touches what everybody else holds at the same time. Nothing is left of a try that failed.
      if (!isInTheWay(error) || performance.now() > giveUpAt) throw error;
      await delay(20 + Math.random() * 80);
    }
  }
}

/** A deadlock, a conflict of transactions, or a lock that did not come free in time. */
const isInTheWay = (error: unknown): boolean =>
  error instanceof DeadlockException || (error as { code?: unknown }).code === '55P03';

async function erase(ctx: Ctx, id: string): Promise<Contact> {
  await lockFiles(ctx);
  // Removed contacts as well: the row of one still names the person.
  const contact = await lockContact(ctx, id);
  if (!contact) throw notFound('contact');
  const contacts = [contact, ...(await removedWith(ctx, contact, await phonesOf(ctx, [contact])))];

  // First what else could bring the person back: a file that is being read, and webhooks that are not applied yet.
  const phones = await phonesOf(ctx, contacts);
  await eraseFromFiles(ctx, phones);
  await eraseFromInbox(ctx, phones);
  await erasePasscodes(ctx, phones);
  for (const one of contacts) await lockInvoices(ctx, one.id);
  const addresses = await eraseMailRefusals(ctx, contacts);
  for (const one of contacts) await eraseMessages(ctx, one.id, phones);
  for (const one of contacts) await eraseReminders(ctx, one.id);
  for (const one of contacts) await cancelFlows(ctx, one.id);
  await erasePace(ctx, [...phones, ...addresses]);
  await forgetAnswers(ctx, [...phones, ...contacts.flatMap((one) => (one.email ? [one.id, one.email] : [one.id]))]);
  for (const one of contacts) await eraseInbound(ctx, one.id, phones);
  for (const table of ['contact_events', 'former_phones'])
    for (const one of contacts) await ctx.em.execute(`delete from app.${table} where contact_id = ?`, [one.id]);

  const at = await databaseNow(ctx.em);
  for (const one of contacts.filter(({ erasedAt }) => !erasedAt)) eraseRow(ctx, one, at);
  return contact;
}

function eraseRow(ctx: Ctx, contact: Contact, at: Date): void {
  Object.assign(contact, {
    phoneMac: contact.phone && ctx.deps.keyRing.mac(ERASED_PHONE, contact.phone),
    phone: null,
    firstName: null,
    lastName: null,
    email: null,
    timezone: null,
    locale: null,
    tags: [],
    attributes: {},
    updatedAt: at,
    erasedAt: at,
  });
  audit(ctx, 'contact.erase', { type: 'contact', id: contact.id });
}
