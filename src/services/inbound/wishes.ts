import type { Ctx } from '../../context.ts';
import { topics } from '../../domain/consent.ts';
import { sendPriority } from '../../domain/flow.ts';
import { SERVICE_WINDOW_HOURS } from '../../domain/service-window.ts';
import { answerTo, type Wish } from '../../domain/stop-words.ts';
import { Contact } from '../../entities/contact.ts';
import { planMessage } from '../messages/plan.ts';
import { changeConsent } from './consent.ts';
import { peopleWith } from './person.ts';
import type { StoredInbound } from './store.ts';

/**
 * A person wrote STOP or START: it counts at once, for every topic and every contact that the person is, and is
 * confirmed if it changed anything.
 */
export async function heedWish(ctx: Ctx, inbound: StoredInbound, wish: Wish): Promise<void> {
  const people = await peopleBehind(ctx, inbound, wish);
  if (people.length === 0) return;
  const at = new Date(inbound.at);
  const [younger] = await ctx.em.execute<object[]>(
    `select from app.inbound_messages
     where contact_id = any (array(select jsonb_array_elements_text(?::jsonb)::uuid)) and effect <> ? and at > ? limit 1`,
    [JSON.stringify(people.map(({ id }) => id)), effectOf(wish), at],
  );
  if (younger) return;
  const changed: Contact[] = [];
  for (const contact of people) {
    if (await changeConsent(ctx, contact, topics, wish.wants === 'start', at)) changed.push(contact);
  }
  const told = changed.find(({ phone, deletedAt }) => phone && !deletedAt);
  if (!told?.phone) return;
  await planMessage(ctx, {
    key: `confirmation:${inbound.id}`,
    kind: 'confirmation',
    contactId: told.id,
    recipient: told.phone,
    channelId: inbound.channel_id,
    topic: null,
    content: { type: 'text', body: answerTo(wish, told.locale) },
    priority: sendPriority.message,
    latestUsefulAt: new Date(at.getTime() + SERVICE_WINDOW_HOURS * 3_600_000),
  });
}

export const effectOf = ({ wants }: Wish) => (wants === 'stop' ? 'opt_out' : 'opt_in');

async function peopleBehind(ctx: Ctx, inbound: StoredInbound, { wants }: Wish): Promise<Contact[]> {
  const people = inbound.phone ? await peopleWith(ctx, inbound.phone, wants) : [];
  const [first] = people;
  if (first && inbound.contact_id === null) {
    await ctx.em.execute('update app.inbound_messages set contact_id = ? where id = ?', [first.id, inbound.id]);
    await ctx.em.execute('update app.conversations set contact_id = ? where channel_id = ? and phone = ?', [
      first.id,
      inbound.channel_id,
      inbound.phone,
    ]);
  }
  // Whom the message that is answered went to: also a contact that is removed or erased, whose no outlives it.
  const [answered] = await ctx.em.execute<{ id: string | null }[]>(
    `select coalesce(i.contact_id, m.contact_id) as id from app.inbound_messages i
     left join app.messages m on m.id = i.message_id where i.id = ?`,
    [inbound.id],
  );
  if (!answered?.id || people.some(({ id }) => id === answered.id)) return people;
  const other = await ctx.em.findOne(Contact, { id: answered.id });
  return other ? [...people, other] : people;
}
