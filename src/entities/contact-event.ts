import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const ContactEventSchema = defineEntity({
  name: 'ContactEvent',
  tableName: 'contact_events',
  properties: {
    ...tenantColumns,
    contactId: p.uuid(),
    name: p.text(),
    properties: p.json().$type<Record<string, string | number | boolean | null>>().defaultRaw(`'{}'`),
    at: p.datetime().defaultRaw('clock_timestamp()'),
  },
});

/** Something that a contact did, as the tenant tells it. */
export class ContactEvent extends ContactEventSchema.class {}
ContactEventSchema.setClass(ContactEvent);
