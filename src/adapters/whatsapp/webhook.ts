import type { z } from 'zod';
import { toInbound, toPreference, toStatus, toTemplate, toTemplateCategory } from './webhook-items.ts';
import * as shape from './webhook-shapes.ts';
import type { WebhookContent } from './types.ts';

/**
 * Flattens Meta's entry × changes × items. Never throws: a signed event must be answered with 200 or Meta repeats it
 * for days, so what cannot be read is counted and the rest is used. Fields of other readers are passed over.
 */
export function readWebhook(body: unknown): WebhookContent {
  const content: WebhookContent = { statuses: [], inbound: [], templates: [], preferences: [], unreadable: 0 };
  const read = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => {
    const result = schema.safeParse(value);
    if (!result.success) content.unreadable += 1;
    return result.data;
  };
  const readEach = <T, U>(schema: z.ZodType<T>, items: unknown[], into: U[], convert: (item: T) => U | undefined) => {
    for (const item of items) {
      const parsed = read(schema, item);
      const converted = parsed && convert(parsed);
      if (converted !== undefined) into.push(converted);
    }
  };

  const readChange = (change: unknown) => {
    switch (read(shape.field, change)?.field) {
      case 'messages': {
        const value = read(shape.messagesChange, change)?.value;
        if (!value) return;
        const { phone_number_id } = value.metadata;
        readEach(shape.status, value.statuses, content.statuses, (item) => toStatus(item, phone_number_id));
        return readEach(shape.message, value.messages, content.inbound, (item) => toInbound(item, phone_number_id));
      }
      case 'user_preferences': {
        const value = read(shape.preferencesChange, change)?.value;
        if (!value) return;
        const { phone_number_id } = value.metadata;
        return readEach(shape.preference, value.user_preferences, content.preferences, (item) =>
          toPreference(item, phone_number_id),
        );
      }
      case 'message_template_status_update':
        return readEach(shape.templateChange, [change], content.templates, ({ value }) => toTemplate(value));
      case 'template_category_update':
        return readEach(shape.templateCategoryChange, [change], content.templates, ({ value }) =>
          toTemplateCategory(value),
        );
      default:
        return;
    }
  };

  for (const entry of read(shape.envelope, body)?.entry ?? []) {
    for (const change of read(shape.changes, entry)?.changes ?? []) readChange(change);
  }
  return content;
}
