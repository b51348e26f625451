import { z } from 'zod';
import type { InboundMessage, StatusUpdate, WebhookContent } from './types.ts';

/**
 * Flattens Meta's entry × changes × (statuses, messages). Never throws: a signed event must be answered
 * with 200 or Meta repeats it for days, so what cannot be read is counted and the rest is used.
 */
export function readWebhook(body: unknown): WebhookContent {
  const content: WebhookContent = { statuses: [], inbound: [], unreadable: 0 };
  const read = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => {
    const result = schema.safeParse(value);
    if (!result.success) content.unreadable += 1;
    return result.data;
  };

  for (const entry of read(envelope, body)?.entry ?? []) {
    for (const change of read(changes, entry)?.changes ?? []) {
      // Other fields (template and quality updates) have other shapes and belong to other readers.
      if (read(field, change)?.field !== 'messages') continue;
      const value = read(messagesChange, change)?.value;
      if (!value) continue;
      const phoneNumberId = value.metadata.phone_number_id;
      for (const item of value.statuses) {
        const status = read(statusItem, item);
        if (status) content.statuses.push(toStatus(status, phoneNumberId));
      }
      for (const item of value.messages) {
        const message = read(messageItem, item);
        if (message) content.inbound.push(toInbound(message, phoneNumberId));
      }
    }
  }
  return content;
}

const id = z.string().min(1).max(512);
/** Seconds since 1970, as a string; numbers are tolerated. */
const timestamp = z
  .union([z.string().regex(/^\d{1,12}$/), z.int().min(0).max(999_999_999_999)])
  .transform((seconds) => new Date(Number(seconds) * 1000));
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const envelope = z.object({ object: z.literal('whatsapp_business_account'), entry: z.array(z.unknown()) });
const changes = z.object({ changes: z.array(z.unknown()) });
const field = z.object({ field: z.string() });
const messagesChange = z.object({
  value: z.object({
    metadata: z.object({ phone_number_id: id }),
    statuses: z.array(z.unknown()).default([]),
    messages: z.array(z.unknown()).default([]),
  }),
});

const statusItem = z.object({
  id,
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  timestamp,
  biz_opaque_callback_data: lenient(z.string().max(512)),
  errors: lenient(z.array(z.object({ code: z.int() }))),
});

const messageItem = z.object({
  // Since mid-2026 a person with a username may hide the number.
  from: lenient(z.string().min(1).max(64)),
  from_user_id: lenient(z.string().min(1).max(160)),
  id,
  timestamp,
  type: z.string().min(1).max(64),
  text: lenient(z.object({ body: z.string() })),
  button: lenient(z.object({ payload: lenient(z.string()), text: lenient(z.string()) })),
  interactive: lenient(
    z.object({
      button_reply: lenient(z.object({ id: z.string(), title: lenient(z.string()) })),
      list_reply: lenient(z.object({ id: z.string(), title: lenient(z.string()) })),
    }),
  ),
  context: lenient(z.object({ id: lenient(id) })),
});

function toStatus(status: z.infer<typeof statusItem>, phoneNumberId: string): StatusUpdate {
  const errorCode = status.errors?.[0]?.code;
  return {
    ...(status.biz_opaque_callback_data && { messageId: status.biz_opaque_callback_data }),
    providerId: status.id,
    status: status.status,
    at: status.timestamp,
    ...(errorCode !== undefined && { errorCode }),
    phoneNumberId,
  };
}

function toInbound(message: z.infer<typeof messageItem>, phoneNumberId: string): InboundMessage {
  const reply = message.interactive?.button_reply ?? message.interactive?.list_reply;
  const text = message.text?.body ?? message.button?.text ?? reply?.title;
  const buttonPayload = message.button?.payload ?? reply?.id;
  return {
    ...(message.from && { from: message.from }),
    ...(message.from_user_id && { userId: message.from_user_id }),
    providerId: message.id,
    type: message.type,
    at: message.timestamp,
    ...(text !== undefined && { text }),
    ...(buttonPayload !== undefined && { buttonPayload }),
    ...(message.context?.id && { repliesTo: message.context.id }),
    phoneNumberId,
  };
}
