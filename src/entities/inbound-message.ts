import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const InboundMessageSchema = defineEntity({
  name: 'InboundMessage',
  tableName: 'inbound_messages',
  properties: {
    ...tenantColumns,
    channelId: p.uuid(),
    contactId: p.uuid().nullable(),
    phone: p.text().nullable(),
    providerId: p.text(),
    type: p.text(),
    text: p.text().nullable(),
    payload: p.text().nullable(),
    reaction: p.text().nullable(),
    messageId: p.uuid().nullable(),
    effect: p.enum(['opt_out', 'opt_in']).nullable(),
    at: p.datetime(),
    receivedAt: p.datetime().defaultRaw('clock_timestamp()'),
  },
});

/** What a person wrote, tapped or reacted with. */
export class InboundMessage extends InboundMessageSchema.class {}
InboundMessageSchema.setClass(InboundMessage);
