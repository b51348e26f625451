import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

/** What a tenant knows of a contact beside the fixed fields, by name. */
export type Attributes = Record<string, string | number | boolean | null>;

/** A yes or no, where it came from, and when (RFC 3339). */
type Word = { allowed: boolean; source: string; at: string };

const ContactSchema = defineEntity({
  name: 'Contact',
  tableName: 'contacts',
  properties: {
    ...tenantColumns,
    phone: p.text().nullable(),
    firstName: p.text().nullable(),
    lastName: p.text().nullable(),
    email: p.text().nullable(),
    timezone: p.text().nullable(),
    locale: p.text().nullable(),
    tags: p.array().columnType('text[]').$type<string[]>().defaultRaw(`'{}'`),
    attributes: p.json().$type<Attributes>().defaultRaw(`'{}'`),
    consents: p
      .json()
      .$type<Partial<Record<'transactional' | 'reminders' | 'marketing', Word & { before?: Word }>>>()
      .defaultRaw(`'{}'`),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    erasedAt: p.datetime().nullable(),
    deletedAt: p.datetime().nullable(),
    // Of an erased contact: stands for its phone, so that a no outlives the erasure.
    phoneMac: p.text().nullable(),
  },
});

/** A person that a tenant writes to. The phone is unique among a tenant's living contacts. */
export class Contact extends ContactSchema.class {}
ContactSchema.setClass(Contact);
