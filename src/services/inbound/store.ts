import { randomUUIDv7 } from 'node:crypto';
import type { InboundMessage } from '../../adapters/whatsapp/types.ts';
import type { Ctx } from '../../context.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { opensWindow, SERVICE_WINDOW_HOURS } from '../../domain/service-window.ts';
import { saysPaid, type PaidReplies } from '../../domain/paid-replies.ts';
import { wishOf } from '../../domain/stop-words.ts';
import type { ReadWebhook } from '../messages/apply-statuses.ts';
import { notAhead, rowsAsJson } from '../webhooks/rows-as-json.ts';
import { countForeign, ownNumbers } from './numbers.ts';
import { heedPaidReply } from './paid-reply.ts';
import { phoneOf } from './person.ts';
import { effectOf, heedWish } from './wishes.ts';

export type StoredInbound = {
  id: string;
  channel_id: string;
  contact_id: string | null;
  phone: string | null;
  at: string;
};
type Stored = { stored: StoredInbound[]; signals: { id: number; kind: string; flow_id: string; args: object }[] };

/**
 * Keeps what people wrote, tapped or reacted with, opens their service windows, and tells the flows that wait for
 * them. What was kept before, by another webhook, is passed over.
 */
export async function storeInbound(ctx: Ctx, webhooks: ReadWebhook[], paid: PaidReplies): Promise<void> {
  if (webhooks.every(({ content }) => content.inbound.length + content.preferences.length === 0)) return;
  const numbers = await ownNumbers(ctx);
  await countForeign(ctx, webhooks, numbers);
  const messages = webhooks
    .flatMap(({ id, channelId, content }) => content.inbound.map((message) => ({ id, channelId, message })))
    .filter(({ message }) => numbers.has(message.phoneNumberId))
    .map(({ id, channelId, message }) => ({ message, channelId, row: toRow(id, message) }));
  if (messages.length === 0) return;
  const [result] = await ctx.em.execute<Stored[]>(inboundStatement, [rowsAsJson(messages.map(({ row }) => row))]);
  const stored = new Map(result?.stored.map((row) => [row.id, row]));
  for (const { id, kind, flow_id, args } of result?.signals ?? []) {
    ctx.pending.push({
      id: String(id),
      tenantId: ctx.tenantId,
      operation: 'signal',
      kind,
      flowId: flow_id,
      signal: 'contactReplied',
      args: { ...args },
    });
  }
  // The younger word counts, however they were gathered.
  for (const { message, channelId, row } of messages.toSorted(
    (a, b) => a.message.at.getTime() - b.message.at.getTime(),
  )) {
    const wish = wishOf(message);
    const kept = stored.get(row.id);
    if (!kept) continue;
    const within: Ctx = { ...ctx, actor: { type: 'webhook', id: channelId } };
    if (wish) await heedWish(within, kept, wish);
    else if (saysPaid(message, paid.paid_replies)) await heedPaidReply(within, kept, message, paid.paid_reply_action);
  }
}

function toRow(webhookId: string, message: InboundMessage) {
  const phone = phoneOf(message.from);
  const wish = wishOf(message);
  return {
    id: randomUUIDv7(),
    conversation_id: randomUUIDv7(),
    webhook_id: webhookId,
    phone_number_id: message.phoneNumberId,
    phones: phone === undefined ? [] : phoneVariants(phone),
    provider_id: message.providerId,
    type: message.type,
    text: message.text,
    payload: message.buttonPayload,
    reaction: message.reaction?.emoji ?? undefined,
    answers: message.reaction?.to ?? message.repliesTo,
    effect: wish && effectOf(wish),
    opens: opensWindow(message.type),
    at: notAhead(message.at),
  };
}

// One webhook address may serve several numbers of a tenant, so the number inside names the channel. A contact's own
// way of writing the phone is kept, since that is where messages are sent to. Who hides the number is known by what is
// answered.
export const inboundStatement = `
with told as (
  select * from jsonb_to_recordset(?::jsonb) as t (id uuid, conversation_id uuid, webhook_id uuid,
    phone_number_id text, phones jsonb, provider_id text, type text, text text, payload text, reaction text,
    answers text, effect text, opens boolean, at timestamptz)
), placed as (
  select t.*, c.id as number_id, w.hash, m.id as message_id, coalesce(person.id, m.contact_id) as contact_id,
    coalesce(person.phone, t.phones ->> 0) as phone
  from told t
  join app.webhook_inbox w on w.id = t.webhook_id
  join app.channels c on c.phone_number_id = t.phone_number_id and c.deleted_at is null
  left join lateral (
    select m.id, one.id as contact_id from app.messages m
    left join app.contacts one on one.id = m.contact_id and one.deleted_at is null and one.erased_at is null
    where m.provider_id = t.answers limit 1
  ) m on true
  left join lateral (
    select p.id, p.phone from app.contacts p
    where p.deleted_at is null and p.phone in (select jsonb_array_elements_text(t.phones))
    order by p.phone = t.phones ->> 0 desc limit 1
  ) person on true
), stored as (
  insert into app.inbound_messages (id, channel_id, contact_id, phone, provider_id, type, text, payload, reaction,
    message_id, effect, at, webhook_hash)
  select id, number_id, contact_id, phone, provider_id, type, text, payload, reaction, message_id, effect, at, hash
  from placed order by number_id, provider_id
  on conflict (tenant_id, channel_id, provider_id) do nothing
  returning id, channel_id, contact_id, phone, at
), opened as (
  insert into app.conversations as v (id, channel_id, contact_id, phone, last_inbound_at, closes_at)
  select distinct on (s.channel_id, s.phone) placed.conversation_id, s.channel_id, s.contact_id, s.phone, s.at,
    s.at + interval '${SERVICE_WINDOW_HOURS} hours'
  from stored s join placed on placed.id = s.id
  where s.phone is not null and placed.opens
  order by s.channel_id, s.phone, s.at desc
  on conflict (tenant_id, channel_id, phone) do update set
    contact_id = coalesce(excluded.contact_id, v.contact_id),
    last_inbound_at = greatest(v.last_inbound_at, excluded.last_inbound_at),
    closes_at = greatest(v.closes_at, excluded.closes_at)
), signalled as (
  insert into app.outbox (operation, kind, flow_id, signal, args)
  select 'signal', f.kind, f.id, 'contactReplied', jsonb_build_object('inboundId', s.id)
  from stored s
  join placed on placed.id = s.id and placed.opens
  join app.flows f on f.contact_id = s.contact_id and f.status = 'running' and f.waits_for_reply
  order by s.at
  returning id, kind, flow_id, args
)
select (select coalesce(jsonb_agg(to_jsonb(stored)), '[]') from stored) as stored,
  (select coalesce(jsonb_agg(to_jsonb(signalled)), '[]') from signalled) as signals`;
