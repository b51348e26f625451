import type { Ctx } from '../../context.ts';
import { topics } from '../../domain/consent.ts';
import { sendPriority } from '../../domain/flow.ts';
import { SERVICE_WINDOW_HOURS } from '../../domain/service-window.ts';
import { answerTo, type Wish } from '../../domain/stop-words.ts';
import { Contact } from '../../entities/contact.ts';
import { planMessage } from '../messages/plan.ts';
import { changeConsent } from './consent.ts';
import { findPerson, rememberPerson } from './person.ts';
import type { StoredInbound } from './store.ts';

/** A person wrote STOP or START: it counts at once, for every topic, and is confirmed if it changed anything. */
export async function heedWish(ctx: Ctx, inbound: StoredInbound, wish: Wish): Promise<void> {
  const contact = await personBehind(ctx, inbound, wish);
  if (!contact) return;
  const at = new Date(inbound.at);
  const [younger] = await ctx.em.execute<object[]>(
    `select from app.inbound_messages where contact_id = ? and effect <> ? and at > ? limit 1`,
    [contact.id, effectOf(wish), at],
  );
  if (younger || !(await changeConsent(ctx, contact, topics, wish.wants === 'start', at))) return;
  if (contact.phone === null || contact.phone === undefined) return;
  await planMessage(ctx, {
    key: `confirmation:${inbound.id}`,
    kind: 'confirmation',
    contactId: contact.id,
    recipient: contact.phone,
    channelId: inbound.channel_id,
    topic: null,
    content: { type: 'text', body: answerTo(wish, contact.locale) },
    priority: sendPriority.message,
    latestUsefulAt: new Date(at.getTime() + SERVICE_WINDOW_HOURS * 3_600_000),
  });
}

export const effectOf = ({ wants }: Wish) => (wants === 'stop' ? 'opt_out' : 'opt_in');

async function personBehind(ctx: Ctx, inbound: StoredInbound, { wants }: Wish): Promise<Contact | undefined> {
  if (inbound.contact_id)
    return (await ctx.em.findOne(Contact, { id: inbound.contact_id, deletedAt: null })) ?? undefined;
  if (!inbound.phone) return undefined;
  const contact =
    (await findPerson(ctx, inbound.phone)) ?? (wants === 'stop' ? await rememberPerson(ctx, inbound.phone) : undefined);
  if (!contact) return undefined;
  await ctx.em.execute('update app.inbound_messages set contact_id = ? where id = ?', [contact.id, inbound.id]);
  await ctx.em.execute('update app.conversations set contact_id = ? where channel_id = ? and phone = ?', [
    contact.id,
    inbound.channel_id,
    inbound.phone,
  ]);
  return contact;
}
