import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const AlertSchema = defineEntity({
  name: 'Alert',
  tableName: 'alerts',
  properties: {
    ...tenantColumns,
    kind: p.text(),
    subject: p.text(),
    channelId: p.uuid().nullable(),
    detail: p.text(),
    occurrences: p.integer().default(1),
    openedAt: p.datetime().defaultRaw('clock_timestamp()'),
    lastAt: p.datetime().defaultRaw('clock_timestamp()'),
    resolvedAt: p.datetime().nullable(),
  },
});

/** Something that a person has to look at. Open until it is resolved; a repeat counts instead of opening another. */
export class Alert extends AlertSchema.class {}
AlertSchema.setClass(Alert);
