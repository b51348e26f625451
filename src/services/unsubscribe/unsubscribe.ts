import { randomUUIDv7 } from 'node:crypto';
import { reader, unitOfWork, type Actor, type Ctx, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Topic } from '../../domain/consent.ts';
import { ContactConsent } from '../../entities/contact-consent.ts';
import { Message } from '../../entities/message.ts';
import { Tenant } from '../../entities/tenant.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { scopeOf } from '../scope.ts';
import { readToken, type Clicked } from './token.ts';

const ACTOR: Actor = { type: 'system', id: 'unsubscribe' };

/** Who sends the mails that a link ends, and what they are about. */
export type Subscription = { sender: string; topic: Topic };

/** What a link in a mail would end; changes nothing, since programs follow links too. */
export async function getSubscription(deps: Deps, token: string): Promise<Subscription> {
  const { sender, topic } = await find(deps, token);
  return { sender, topic };
}

/**
 * Ends mails about what the mail with this link was about, to the address that it went to; WhatsApp goes on. Again, it
 * changes nothing. What waits is ended by whoever claims it.
 */
export const unsubscribe = (deps: Deps, token: string): Promise<Subscription> =>
  change(deps, token, async (ctx, { message, topic }) => {
    const made = await ctx.em.execute(
      `insert into app.mail_refusals (id, address, topic, contact_id)
       select ?, m.recipient, ?, m.contact_id from app.messages m where m.id = ?
       on conflict (tenant_id, address, topic) do nothing returning id`,
      [randomUUIDv7(), topic, message.id],
    );
    if (made.length > 0) await note(ctx, message, topic, false);
  });

/** Takes that back, by the same link: who has clicked by mistake is not left out for ever. */
export const subscribeAgain = (deps: Deps, token: string): Promise<Subscription> =>
  change(deps, token, async (ctx, { message, topic }) => {
    const gone = await ctx.em.execute(
      `delete from app.mail_refusals u using app.messages m
       where m.id = ? and u.address = m.recipient and u.topic = ? returning u.id`,
      [message.id, topic],
    );
    if (gone.length > 0) await note(ctx, message, topic, true);
  });

type Found = Subscription & { clicked: Clicked; message: Message };

async function change(
  deps: Deps,
  token: string,
  work: (ctx: Ctx, found: Found) => Promise<void>,
): Promise<Subscription> {
  const found = await find(deps, token);
  await unitOfWork(scopeOf(deps, found.clicked.tenantId, ACTOR), (ctx) => work(ctx, found));
  return { sender: found.sender, topic: found.topic };
}

/** In the history of the contact's answers, which are of WhatsApp but for those whose source is `email`. */
async function note(ctx: Ctx, { contactId }: Message, topic: Topic, allowed: boolean): Promise<void> {
  if (!contactId) return;
  const at = await databaseNow(ctx.em);
  ctx.em.create(ContactConsent, { id: randomUUIDv7(), contactId, topic, allowed, source: 'email', at });
  const action = allowed ? 'contact.subscribe_again' : 'contact.unsubscribe';
  audit(ctx, action, { type: 'contact', id: contactId }, ['email', topic]);
}

async function find(deps: Deps, token: string): Promise<Found> {
  const clicked = readToken(deps, token);
  if (!clicked) throw notFound('link');
  const em = reader(scopeOf(deps, clicked.tenantId, ACTOR));
  const message = await em.findOne(Message, { id: clicked.messageId });
  const tenant = await em.findOne(Tenant, { id: clicked.tenantId });
  if (!message || !tenant) throw notFound('link');
  return { clicked, message, sender: tenant.name, topic: message.topic ?? 'transactional' };
}
