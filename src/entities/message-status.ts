import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const MessageStatusChangeSchema = defineEntity({
  name: 'MessageStatusChange',
  tableName: 'message_statuses',
  properties: {
    ...tenantColumns,
    messageId: p.uuid(),
    status: p.text(),
    at: p.datetime(),
    receivedAt: p.datetime().defaultRaw('clock_timestamp()'),
    errorCode: p.integer().nullable(),
    webhookHash: p.blob(),
  },
});

/** What the provider said of a message, and when: at most one row for each status and webhook. */
export class MessageStatusChange extends MessageStatusChangeSchema.class {}
MessageStatusChangeSchema.setClass(MessageStatusChange);
