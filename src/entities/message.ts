import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

export const messageStatuses = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'unknown',
  'cancelled',
  'expired',
] as const;

/** Who or what asked for a message. Ids and words only. */
export type MessageCause = { type?: string; id?: string; request_id?: string | undefined };

const MessageSchema = defineEntity({
  name: 'Message',
  tableName: 'messages',
  properties: {
    ...tenantColumns,
    key: p.text(),
    kind: p.text(),
    flowId: p.uuid().nullable(),
    channelId: p.uuid(),
    recipient: p.text(),
    contactId: p.uuid().nullable(),
    topic: p.enum(['transactional', 'reminders', 'marketing']).nullable(),
    templateId: p.uuid().nullable(),
    content: p.json().$type<Record<string, unknown>>(),
    priority: p.smallint().default(1),
    cause: p.json().$type<MessageCause>().defaultRaw(`'{}'`),
    plannedAt: p.datetime().nullable(),
    catchUp: p.enum(['drop', 'send_once', 'shift']).default('drop'),
    status: p.enum(messageStatuses).default('queued'),
    attempts: p.integer().default(0),
    fence: p.integer().default(0),
    leaseUntil: p.datetime().nullable(),
    settleAt: p.datetime().nullable(),
    latestUsefulAt: p.datetime().nullable(),
    reason: p.text().nullable(),
    heldUntil: p.datetime().nullable(),
    slotAt: p.datetime().nullable(),
    notBefore: p.datetime().nullable(),
    /** Set while the provider is asked: why it is not tried again, should it come back unsent. */
    withdrawn: p.text().nullable(),
    claimedAt: p.datetime().nullable(),
    providerId: p.text().nullable(),
    errorCode: p.integer().nullable(),
    errorVerdict: p.text().nullable(),
    pricing: p.json().$type<Record<string, unknown>>().nullable(),
    salt: p.uuid().nullable().defaultRaw('gen_random_uuid()'),
    commitments: p.json().$type<{ recipient: string; content: string; provider_id?: string }>().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    sentAt: p.datetime().nullable(),
  },
});

/** One outbound message: the ledger's row, unique by its business key. */
export class Message extends MessageSchema.class {}
MessageSchema.setClass(Message);
