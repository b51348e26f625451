import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const UsageEventSchema = defineEntity({
  name: 'UsageEvent',
  tableName: 'usage_events',
  properties: {
    ...tenantColumns,
    at: p.datetime().defaultRaw('clock_timestamp()'),
    kind: p.text(),
    quantity: p.integer().default(1),
    sourceId: p.uuid(),
  },
});

/** One countable thing a tenant used. Rows are only ever inserted. */
export class UsageEvent extends UsageEventSchema.class {}
UsageEventSchema.setClass(UsageEvent);
