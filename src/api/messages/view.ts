import { z } from 'zod';
import { topics } from '../../domain/consent.ts';
import type { Message } from '../../entities/message.ts';
import { messageStatuses } from '../../services/messages/get.ts';
import { id, instant, iso, isoOrNull } from '../schema.ts';

export const messageView = z
  .object({
    id,
    kind: z.string().meta({ description: 'What it is for: `direct`, `otp`, `confirmation`, …' }),
    contact_id: id.nullable(),
    to: z.string().nullable().meta({ description: 'A phone, or a mail address; null once the contact is erased' }),
    channel_id: id,
    flow_id: id.nullable(),
    topic: z.enum(topics).nullable(),
    content: z.record(z.string(), z.unknown()).meta({ description: "What it says. A passcode's code is not stored." }),
    template_id: id.nullable(),
    status: z.enum(messageStatuses),
    reason: z.string().nullable().meta({ description: 'Why it waits, or why it has ended as it did' }),
    held_until: instant.nullable(),
    planned_at: instant.nullable(),
    latest_useful_at: instant.nullable(),
    attempts: z.int(),
    error_code: z.int().nullable().meta({ description: "The provider's code" }),
    error_verdict: z.string().nullable(),
    price: z.record(z.string(), z.unknown()).nullable().meta({ description: 'As the provider gave it' }),
    created_at: instant,
    updated_at: instant,
    sent_at: instant.nullable(),
  })
  .meta({ id: 'Message' });

export const presentMessage = (row: Message): z.input<typeof messageView> => ({
  id: row.id,
  kind: row.kind,
  contact_id: row.contactId ?? null,
  to: /^\+|@/.test(row.recipient) ? row.recipient : null,
  channel_id: row.channelId,
  flow_id: row.flowId ?? null,
  topic: row.topic ?? null,
  content: row.content,
  template_id: row.templateId ?? null,
  status: row.status,
  reason: row.reason ?? null,
  held_until: isoOrNull(row.heldUntil),
  planned_at: isoOrNull(row.plannedAt),
  latest_useful_at: isoOrNull(row.latestUsefulAt),
  attempts: row.attempts,
  error_code: row.errorCode ?? null,
  error_verdict: row.errorVerdict ?? null,
  price: row.pricing ?? null,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
  sent_at: isoOrNull(row.sentAt),
});
