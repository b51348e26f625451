import { defineEntity, p } from '@mikro-orm/core';
import type { Sealed } from './channel.ts';
import { tenantColumns } from './tenant-columns.ts';

const ConnectionSchema = defineEntity({
  name: 'Connection',
  tableName: 'connections',
  properties: {
    ...tenantColumns,
    platform: p.enum(['shopify', 'woocommerce', 'stripe']),
    name: p.text(),
    accountId: p.text().nullable(),
    status: p.enum(['active', 'refused']).default('active'),
    credentials: p.json().$type<Sealed>().nullable(),
    verification: p.json().$type<Sealed>(),
    previousUntil: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    deletedAt: p.datetime().nullable(),
  },
});

/** A shop or payment provider of a tenant. Its secrets are sealed and never leave the process. */
export class Connection extends ConnectionSchema.class {}
ConnectionSchema.setClass(Connection);
