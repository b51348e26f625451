import { defineEntity, p } from '@mikro-orm/core';

export const plans = ['starter', 'growth', 'scale'] as const;
export type Plan = (typeof plans)[number];

const TenantSchema = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  properties: {
    id: p.integer().primary(),
    slug: p.text(),
    name: p.text(),
    domain: p.text().nullable(),
    plan: p.enum(plans),
    timezone: p.text().default('UTC'),
    locale: p.text().default('en'),
    settings: p.json().$type<Record<string, unknown>>().defaultRaw(`'{}'`),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    deletedAt: p.datetime().nullable(),
  },
});

/** A company that uses Carillon. Its row is visible to its own transactions, and to lists by granted ids. */
export class Tenant extends TenantSchema.class {}
TenantSchema.setClass(Tenant);
