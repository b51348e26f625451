import { DeadlockException, LockMode } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../../context.ts';
import { databaseNow } from '../../../database.ts';
import { Contact } from '../../../entities/contact.ts';
import { notFound } from '../../../errors.ts';
import { audit } from '../../audit.ts';
import { eraseFromFiles, lockFiles } from './files.ts';
import { cancelFlows } from './flows.ts';
import { eraseInbound } from './inbound.ts';
import { eraseMessages } from './messages.ts';
import { erasePasscodes } from './passcodes.ts';
import { phonesOf } from './phones.ts';
import { eraseFromInbox } from './webhooks.ts';

const TRIES = 3;

/**
 * Removes what is personal about a contact, everywhere, in one transaction. What stays is the skeleton: that messages
 * were sent, when, and what came of them; each yes and no with its instant. Asked again, it has nothing to do.
 */
export async function eraseContact(scope: Scope, id: string): Promise<Contact> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await unitOfWork(scope, (ctx) => erase(ctx, id));
    } catch (error) {
      // It touches what senders and webhooks hold at the same time, each in an order of its own.
      if (!(error instanceof DeadlockException) || tries === TRIES) throw error;
    }
  }
}

async function erase(ctx: Ctx, id: string): Promise<Contact> {
  await lockFiles(ctx);
  // Removed contacts as well: the row of one still names the person.
  const contact = await ctx.em.findOne(Contact, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!contact) throw notFound('contact');
  if (contact.erasedAt) return contact;

  // First what else could bring the person back: a file that is being read, and webhooks that are not applied yet.
  const phones = await phonesOf(ctx, contact);
  await eraseFromFiles(ctx, phones);
  await eraseFromInbox(ctx, phones);
  await cancelFlows(ctx, id);
  await erasePasscodes(ctx, phones);
  await eraseMessages(ctx, id, phones);
  await eraseInbound(ctx, id, phones);
  await ctx.em.execute('delete from app.contact_events where contact_id = ?', [id]);

  const at = await databaseNow(ctx.em);
  Object.assign(contact, {
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
  audit(ctx, 'contact.erase', { type: 'contact', id });
  return contact;
}
