import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import type { Topic } from '../../domain/consent.ts';
import { sendPriority } from '../../domain/flow.ts';
import { laterBy } from '../../domain/last-instant.ts';
import type { MessageContent } from '../../domain/message-content.ts';
import { fill } from '../../domain/placeholders.ts';
import { Channel } from '../../entities/channel.ts';
import { Conversation } from '../../entities/conversation.ts';
import type { Contact } from '../../entities/contact.ts';
import type { Message } from '../../entities/message.ts';
import type { Template } from '../../entities/template.ts';
import { UsageEvent } from '../../entities/usage-event.ts';
import { AppError, invalidField } from '../../errors.ts';
import { audit } from '../audit.ts';
import { defaultChannel } from '../channels/default.ts';
import { effectiveLocale } from '../contacts/timezone.ts';
import { checkText } from '../templates/check-text.ts';
import { contactValues } from './placeholders.ts';
import { planMessage } from './plan.ts';
import { findRecipient, refuseUnwanted, type Recipient } from './recipient.ts';
import { fillTemplate, findTemplate, type TemplateUse } from './template.ts';

type FreeForm = Exclude<MessageContent, { type: 'template' }>;

export type DirectMessage = {
  recipient: Recipient;
  content: FreeForm | { type: 'use_template'; use: TemplateUse };
  /** Absent it follows from the template: marketing for one of that category, else transactional. */
  topic?: Topic | undefined;
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
    const channel = await channelFor(ctx, input.channelId);
    const { now, locale } = await homeOf(ctx);
    if (input.latestUsefulAt && input.latestUsefulAt <= now)
      throw invalidField('latest_useful_at', 'has passed already');
    const template = await templateFor(ctx, channel, input, [effectiveLocale(contact, locale), locale, 'en']);
    const topic = topicOf(input.topic, template);
    refuseUnwanted(contact, topic);
    const content = await contentFor(ctx, channel, contact, input, template, now);
    const plannedAt = input.sendAt;
    const message = await planMessage(ctx, {
      key: `direct:${randomUUIDv7()}`,
      kind: 'direct',
      contactId: contact.id,
      recipient: contact.phone,
      channelId: channel.id,
      topic,
      content,
      templateId: template?.id,
      priority: sendPriority.message,
      plannedAt,
      latestUsefulAt: input.latestUsefulAt ?? laterBy(plannedAt && plannedAt > now ? plannedAt : now, USEFUL_MS),
      catchUp: input.catchUp,
    });
    if (!message) throw new Error('A new key is nobody else’s');
    ctx.em.create(UsageEvent, { id: randomUUIDv7(), kind: 'message', sourceId: message.id });
    audit(ctx, 'message.create', { type: 'message', id: message.id }, ['to', input.content.type, 'topic']);
    return message;
  });
}

async function channelFor(ctx: Ctx, id: string | undefined): Promise<Channel> {
  const channel =
    id === undefined
      ? await defaultChannel(ctx.em)
      : await ctx.em.findOne(Channel, { id, type: 'whatsapp', deletedAt: null });
  if (!channel) throw new AppError('no_channel', 'The tenant has no such channel to send from.');
  return channel;
}

/** The tenant's language, and the time by the database's clock. */
async function homeOf({ em }: Ctx): Promise<{ now: Date; locale: string }> {
  const [row] = await em.execute<{ locale: string; ms: number }[]>(
    'select locale, (extract(epoch from clock_timestamp()) * 1000)::double precision as ms from app.tenants',
  );
  if (!row) throw new Error('The tenant of a request is there');
  return { now: new Date(row.ms), locale: row.locale };
}

async function templateFor(ctx: Ctx, channel: Channel, { content }: DirectMessage, languages: string[]) {
  return content.type === 'use_template' ? findTemplate(ctx, channel.id, content.use, languages) : undefined;
}

/** What the provider holds to be marketing is marketing, whatever the sender calls it. */
function topicOf(named: Topic | undefined, template: Template | undefined): Topic {
  if (template?.category !== 'marketing') return named ?? 'transactional';
  if (named !== undefined && named !== 'marketing') {
    throw invalidField('topic', 'must be marketing, as the category of the template is');
  }
  return 'marketing';
}

async function contentFor(
  ctx: Ctx,
  channel: Channel,
  contact: Contact & { phone: string },
  { content, sendAt }: DirectMessage,
  template: Template | undefined,
  now: Date,
): Promise<MessageContent> {
  if (content.type === 'use_template') {
    if (!template) throw new Error('The template was not looked up');
    return fillTemplate(template, contact, content.use);
  }
  // One that is to leave later may find an open window then.
  if (!sendAt || sendAt <= now) await refuseOutsideWindow(ctx, channel, contact.phone, now);
  return content.type === 'text' ? { ...content, body: filled(content.body, contact) } : content;
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
  if (result.text.length > 4_096) throw invalidField('text', 'is longer than 4,096 characters when it is filled in');
  return result.text;
}
