import { z } from 'zod';

const id = z.string().min(1).max(512);
/** Seconds since 1970, as a string or a number. */
const timestamp = z
  .union([z.string().regex(/^\d{1,12}$/), z.int().min(0).max(999_999_999_999)])
  .transform((seconds) => new Date(Number(seconds) * 1000));
/** Of what Meta may leave out, nothing makes the rest unreadable. */
const lenient = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const word = lenient(z.string().min(1).max(64));

export const envelope = z.object({ object: z.literal('whatsapp_business_account'), entry: z.array(z.unknown()) });
export const changes = z.object({ changes: z.array(z.unknown()) });
export const field = z.object({ field: z.string() });

const metadata = z.object({ phone_number_id: id });
export const messagesChange = z.object({
  value: z.object({
    metadata,
    statuses: z.array(z.unknown()).default([]),
    messages: z.array(z.unknown()).default([]),
  }),
});
export const preferencesChange = z.object({ value: z.object({ metadata, user_preferences: z.array(z.unknown()) }) });

export const status = z.object({
  id,
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  timestamp,
  biz_opaque_callback_data: lenient(z.string().max(512)),
  errors: lenient(z.array(z.object({ code: z.int() }))),
  pricing: lenient(
    z.object({ billable: z.boolean(), category: z.string().min(1).max(64), type: word, pricing_model: word }),
  ),
});

const reply = lenient(z.object({ id: z.string(), title: lenient(z.string()) }));
export const message = z.object({
  // Since mid-2026 a person with a username may hide the number.
  from: lenient(z.string().min(1).max(64)),
  from_user_id: lenient(z.string().min(1).max(160)),
  id,
  timestamp,
  type: z.string().min(1).max(64),
  text: lenient(z.object({ body: z.string() })),
  button: lenient(z.object({ payload: lenient(z.string()), text: lenient(z.string()) })),
  interactive: lenient(z.object({ button_reply: reply, list_reply: reply })),
  reaction: lenient(z.object({ message_id: id, emoji: lenient(z.string().max(64)) })),
  context: lenient(z.object({ id: lenient(id) })),
});

export const preference = z.object({
  wa_id: z.string().min(1).max(64),
  category: z.string(),
  value: z.enum(['stop', 'resume']),
  timestamp,
});

const template = z.object({
  message_template_id: z.union([z.string().min(1).max(64), z.int()]).transform(String),
  message_template_name: z.string().min(1).max(512),
  message_template_language: z.string().min(1).max(32),
});
/** It also comes a day before a change: `new_category` is the one that it still has then. */
export const templateCategoryChange = z.object({
  value: template.extend({
    new_category: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['authentication', 'utility', 'marketing'])),
  }),
});
export const templateChange = z.object({
  value: template.extend({
    event: z.string(),
    reason: lenient(z.string()),
    other_info: lenient(z.object({ title: lenient(z.string()) })),
  }),
});
