import type { z } from 'zod';
import { readReason, readTemplateStatus } from './template-status.ts';
import type { InboundMessage, PreferenceUpdate, StatusUpdate, TemplateUpdate } from './types.ts';
import type * as shape from './webhook-shapes.ts';

export function toStatus(status: z.infer<typeof shape.status>, phoneNumberId: string): StatusUpdate {
  const errorCode = status.errors?.[0]?.code;
  const { billable, category, type, pricing_model: model } = status.pricing ?? {};
  return {
    ...(status.biz_opaque_callback_data && { messageId: status.biz_opaque_callback_data }),
    providerId: status.id,
    status: status.status,
    at: status.timestamp,
    ...(errorCode !== undefined && { errorCode }),
    ...(billable !== undefined &&
      category !== undefined && {
        pricing: { billable, category, ...(type !== undefined && { type }), ...(model !== undefined && { model }) },
      }),
    phoneNumberId,
  };
}

export function toInbound(message: z.infer<typeof shape.message>, phoneNumberId: string): InboundMessage {
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
    ...(message.reaction && {
      reaction: { emoji: message.reaction.emoji || null, to: message.reaction.message_id },
    }),
    ...(message.context?.id && { repliesTo: message.context.id }),
    phoneNumberId,
  };
}

/** A preference about anything but marketing is none of ours. */
export function toPreference(
  { wa_id, category, value, timestamp }: z.infer<typeof shape.preference>,
  phoneNumberId: string,
): PreferenceUpdate | undefined {
  return category === 'marketing_messages' ? { from: wa_id, value, at: timestamp, phoneNumberId } : undefined;
}

export function toTemplate(value: z.infer<typeof shape.templateChange>['value']): TemplateUpdate | undefined {
  const status = readTemplateStatus(value.event);
  if (!status) return undefined;
  const reason = readReason(value.reason) ?? (status === 'approved' ? undefined : readReason(value.other_info?.title));
  return { ...templateOf(value), status, ...(reason !== undefined && { reason }) };
}

export const toTemplateCategory = (value: z.infer<typeof shape.templateCategoryChange>['value']): TemplateUpdate => ({
  ...templateOf(value),
  category: value.new_category,
});

type NamedTemplate = Pick<
  z.infer<typeof shape.templateChange>['value'],
  'message_template_id' | 'message_template_name' | 'message_template_language'
>;
const templateOf = (value: NamedTemplate) => ({
  providerId: value.message_template_id,
  name: value.message_template_name,
  language: value.message_template_language,
});
