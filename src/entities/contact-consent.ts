import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const ContactConsentSchema = defineEntity({
  name: 'ContactConsent',
  tableName: 'contact_consents',
  properties: {
    ...tenantColumns,
    contactId: p.uuid(),
    topic: p.text(),
    allowed: p.boolean(),
    source: p.text(),
    at: p.datetime().defaultRaw('clock_timestamp()'),
  },
});

/** One yes or no of a contact. Rows are only ever inserted: they are the proof. */
export class ContactConsent extends ContactConsentSchema.class {}
ContactConsentSchema.setClass(ContactConsent);
