import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const ConversationSchema = defineEntity({
  name: 'Conversation',
  tableName: 'conversations',
  properties: {
    ...tenantColumns,
    channelId: p.uuid(),
    contactId: p.uuid().nullable(),
    phone: p.text(),
    lastInboundAt: p.datetime(),
    closesAt: p.datetime(),
  },
});

/** The service window of one phone at one number: until it closes, free text may be sent. */
export class Conversation extends ConversationSchema.class {}
ConversationSchema.setClass(Conversation);
