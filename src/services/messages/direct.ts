import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Topic } from '../../domain/consent.ts';
import { sendPriority } from '../../domain/flow.ts';
import type { MessageContent } from '../../domain/message-content.ts';
import { fill } from '../../domain/placeholders.ts';
import { Channel } from '../../entities/channel.ts';
import { Conversation } from '../../entities/conversation.ts';
import type { Contact } from '../../entities/contact.ts';
import { Message } from '../../entities/message.ts';
import { Tenant } from '../../entities/tenant.ts';
import { UsageEvent } from '../../entities/usage-event.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { defaultChannel } from '../channels/default.ts';
import { effectiveLocale } from '../contacts/timezone.ts';
import { checkText } from '../templates/check-text.ts';
import { contactValues } from './placeholders.ts';
import { planMessage } from './plan.ts';
import { findRecipient, refuseUnwanted, type Recipient } from './recipient.ts';
import { useTemplate, type TemplateUse } from './template.ts';

type FreeForm = Exclude<MessageContent, { type: 'template' }>;

export type DirectMessage = {
  recipient: Recipient;
  content: FreeForm | { type: 'use_template'; use: TemplateUse };
  topic: Topic;
  channelId?: string | undefined;
  sendAt?: Date | undefined;
  latestUsefulAt?: Date | undefined;
  catchUp?: 'drop' | 'send_once' | 'shift' | undefined;
};

/** A direct message that did not get out within a day is an answer to a question that nobody remembers. */
const USEFUL_MS = 24 * 60 * 60 * 1_000;

/** Plans one message that somebody asked for by the API. What can be known to be in vain is refused now. */
export function createMessage(scope: Scope, input: DirectMessage): Promise<Message> {
  return unitOfWork(scope, async (ctx) => {
    const contact = await findRecipient(ctx, input.recipient);
    refuseUnwanted(contact, input.topic);
    const channel = await channelFor(ctx, input.channelId);
    const now = await databaseNow(ctx.em);
    const { content, templateId } = await contentFor(ctx, channel, contact, input, now);
    const plannedAt = input.sendAt;
    const id = await planMessage(ctx, {
      key: `direct:${randomUUIDv7()}`,
      kind: 'direct',
      contactId: contact.id,
      recipient: contact.phone,
      channelId: channel.id,
      topic: input.topic,
      content,
      templateId,
      priority: sendPriority.message,
      plannedAt,
      latestUsefulAt: input.latestUsefulAt ?? new Date(Math.max(now.getTime(), plannedAt?.getTime() ?? 0) + USEFUL_MS),
      catchUp: input.catchUp,
    });
    if (id === undefined) throw new Error('A new key is nobody else’s');
    ctx.em.create(UsageEvent, { id: randomUUIDv7(), kind: 'message', sourceId: id });
    audit(ctx, 'message.create', { type: 'message', id }, ['to', input.content.type, 'topic']);
    return ctx.em.findOneOrFail(Message, { id });
  });
}

async function channelFor(ctx: Ctx, id: string | undefined): Promise<Channel> {
  const channel =
    id === undefined ? await defaultChannel(ctx.em) : await ctx.em.findOne(Channel, { id, deletedAt: null });
  if (!channel) throw new AppError('no_channel', 'The tenant has no such channel to send from.');
  return channel;
}

async function contentFor(
  ctx: Ctx,
  channel: Channel,
  contact: Contact & { phone: string },
  { content, sendAt }: DirectMessage,
  now: Date,
): Promise<{ content: MessageContent; templateId?: string }> {
  if (content.type === 'use_template') {
    const tenant = await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId });
    const languages = [effectiveLocale(contact, tenant.locale), tenant.locale, 'en'];
    const used = await useTemplate(ctx, channel.id, contact, languages, content.use);
    return { content: used.content, templateId: used.template.id };
  }
  // One that is to leave later may find an open window then.
  if (!sendAt || sendAt <= now) await refuseOutsideWindow(ctx, channel, contact.phone, now);
  return { content: content.type === 'text' ? { ...content, body: filled(content.body, contact) } : content };
}

async function refuseOutsideWindow(ctx: Ctx, channel: Channel, phone: string, now: Date): Promise<void> {
  const window = await ctx.em.findOne(Conversation, { channelId: channel.id, phone });
  if (window && window.closesAt > now) return;
  throw new AppError(
    'outside_service_window',
    'The person has not written in the last 24 hours, so only an approved template can be sent.',
  );
}

function filled(text: string, contact: Contact): string {
  checkText(text);
  const result = fill(text, contactValues(contact));
  if ('missing' in result)
    throw new AppError(
      'unknown_placeholder',
      `The contact has no value for {${result.missing}}, and it has no default.`,
    );
  if (result.text.length > 4_096)
    throw new AppError('invalid_request', 'Some fields are not valid.', {
      errors: [{ path: 'text', message: 'is longer than 4,096 characters when it is filled in' }],
    });
  return result.text;
}
