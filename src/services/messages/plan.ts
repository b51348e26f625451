import { randomUUIDv7 } from 'node:crypto';
import type { EntityDictionary } from '@mikro-orm/core';
import type { Ctx } from '../../context.ts';
import type { Topic } from '../../domain/consent.ts';
import type { MessageContent } from '../../domain/message-content.ts';
import { Message } from '../../entities/message.ts';
import { enqueue } from '../outbox.ts';

export type Intent = {
  /** The business key, unique per tenant: a repeat of it plans nothing. */
  key: string;
  /** What the message is for: `direct`, `confirmation`, `reminder`, … */
  kind: string;
  contactId: string;
  /** Where it is written to, and from which number. */
  recipient: string;
  channelId: string;
  /** What the contact's consent is asked by; null for what answers the contact's own request. */
  topic: Topic | null;
  content: MessageContent;
  templateId?: string | null | undefined;
  priority: number;
  /** When it is meant to leave; now, if absent. */
  plannedAt?: Date | undefined;
  /** Past this it is worth nothing any more; what happens then is `catchUp`. */
  latestUsefulAt?: Date | undefined;
  catchUp?: 'drop' | 'send_once' | 'shift' | undefined;
  /** The flow that sends it. Without one the message gets a flow of its own, of kind `message`. */
  flowId?: string | undefined;
};

/**
 * Writes a message into the ledger, with a flow of its own that sees it through unless one is named. Answers it as it
 * stands there, or nothing when the key was there already.
 */
export async function planMessage(ctx: Ctx, intent: Intent): Promise<Message | undefined> {
  const id = randomUUIDv7();
  const [row] = await ctx.em.execute<EntityDictionary<Message>[]>(
    `with message as (
       insert into app.messages (id, key, kind, flow_id, channel_id, recipient, contact_id, topic, content, template_id,
         priority, cause, planned_at, latest_useful_at, catch_up)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?::jsonb, coalesce(?::timestamptz, clock_timestamp()), ?, ?)
       on conflict (tenant_id, key) do nothing
       returning *
     ), flow as (
       insert into app.flows (id, kind, stage, contact_id, next_action, next_action_at, waits_for_reply)
       -- A reply opens the window for a text that would else need its template. From the start: it may come at any time.
       select id, 'message', 'planned', contact_id, 'send', planned_at,
         content ->> 'type' = 'text' and template_id is not null
       from message where id = flow_id
     )
     select * from message`,
    [
      id,
      intent.key,
      intent.kind,
      intent.flowId ?? id,
      intent.channelId,
      intent.recipient,
      intent.contactId,
      intent.topic,
      JSON.stringify(intent.content),
      intent.templateId ?? null,
      intent.priority,
      JSON.stringify({ ...ctx.actor, request_id: ctx.requestId }),
      intent.plannedAt ?? null,
      intent.latestUsefulAt ?? null,
      intent.catchUp ?? 'drop',
    ],
  );
  if (!row) return undefined;
  if (intent.flowId === undefined) {
    const args = { priority: intent.priority };
    await enqueue(ctx, { operation: 'start', kind: 'message', flowId: id, signal: null, args });
  }
  return ctx.em.map(Message, row);
}
