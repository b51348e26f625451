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
    content: p.json().$type<Record<string, unknown>>(),
    status: p.enum(messageStatuses).default('queued'),
    attempts: p.integer().default(0),
    fence: p.integer().default(0),
    leaseUntil: p.datetime().nullable(),
    settleAt: p.datetime().nullable(),
    latestUsefulAt: p.datetime().nullable(),
    providerId: p.text().nullable(),
    errorCode: p.integer().nullable(),
    errorVerdict: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    sentAt: p.datetime().nullable(),
  },
});

/** One outbound message: the ledger's row, unique by its business key. */
export class Message extends MessageSchema.class {}
MessageSchema.setClass(Message);
