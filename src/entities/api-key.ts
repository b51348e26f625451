import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    ...tenantColumns,
    keyId: p.text(),
    name: p.text(),
    mac: p.blob(),
    permissions: p.array().columnType('text[]').$type<string[]>(),
    rateLimit: p.integer(),
    expiresAt: p.datetime().nullable(),
    lastUsedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    revokedAt: p.datetime().nullable(),
    limitId: p.uuid().nullable(),
    replacedBy: p.uuid().nullable(),
    stopsAt: p.datetime().nullable(),
    addresses: p.array().columnType('text[]').$type<string[]>().nullable(),
  },
});

/** An integration's credential: found by its public id, proven by the MAC of its secret. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
