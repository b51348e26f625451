import { z } from 'zod';
import { grantablePermissions } from '../domain/access.ts';
import type { ApiKey } from '../entities/api-key.ts';
import { createApiKey } from '../services/api-keys/create.ts';
import { listApiKeys } from '../services/api-keys/list.ts';
import { revokeApiKey } from '../services/api-keys/revoke.ts';
import { rotateApiKey } from '../services/api-keys/rotate.ts';
import { tenantRoute } from './route.ts';
import { id, instant, instantInput, iso, isoOrNull, line, pageOf, pageQuery, tenantPath } from './schema.ts';

const apiKey = z
  .object({
    id,
    name: z.string(),
    prefix: z.string().meta({ description: 'The public beginning of the key', example: 'crl_8YbS0d2LqRtA' }),
    permissions: z.array(z.string()),
    rate_limit: z.int().meta({ description: 'Requests an hour' }),
    expires_at: instant.nullable(),
    last_used_at: instant.nullable().meta({ description: 'Right to the minute' }),
    revoked_at: instant.nullable(),
    allowed_addresses: z.array(z.string()).nullable().meta({ description: 'Null: it may be used from anywhere' }),
    replaced_by: id.nullable().meta({ description: 'The key that it was rotated to' }),
    stops_at: instant.nullable().meta({ description: 'Until then a replaced key works beside its successor' }),
    created_at: instant,
  })
  .meta({ id: 'ApiKey' });

const newApiKey = apiKey.extend({ key: z.string().meta({ description: 'Shown once' }) }).meta({ id: 'NewApiKey' });

const present = (row: ApiKey) => ({
  id: row.id,
  name: row.name,
  prefix: `crl_${row.keyId}`,
  permissions: row.permissions,
  rate_limit: row.rateLimit,
  expires_at: isoOrNull(row.expiresAt),
  last_used_at: isoOrNull(row.lastUsedAt),
  revoked_at: isoOrNull(row.revokedAt),
  allowed_addresses: row.addresses ?? null,
  replaced_by: row.replacedBy ?? null,
  stops_at: isoOrNull(row.stopsAt),
  created_at: iso(row.createdAt),
});

// Keys are made and ended by people: a key that leaked must not be able to make another.
const access = { tenant: 'path', verb: 'api-keys:manage' } as const;

const keyPath = tenantPath.extend({ key_id: id });

export const apiKeyRoutes = [
  tenantRoute(
    {
      access,
      method: 'post',
      path: '/api/v1/tenants/{tenant_id}/api-keys',
      operationId: 'createApiKey',
      tag: 'Identity',
      summary: 'Make an API key',
      description: 'The key is in this answer only. Store it: it cannot be shown again.',
      params: tenantPath,
      body: z.strictObject({
        name: line(100),
        permissions: z
          .array(z.string().refine((word) => grantablePermissions.includes(word), 'is not a permission'))
          .min(1)
          .max(50)
          .meta({ example: ['read', 'write'] }),
        rate_limit: z.int().min(1).max(1_000_000).default(1000).meta({ description: 'Requests an hour' }),
        expires_at: instantInput.optional(),
        allowed_addresses: z
          .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be an IP address or a network'))
          .min(1)
          .max(50)
          .optional()
          .meta({ description: 'Where it may be used from', example: ['203.0.113.7', '2001:db8::/48'] }),
      }),
      status: 201,
      idempotent: true,
      answer: newApiKey,
    },
    async ({ scope }, { body }) => {
      const { apiKey: row, key } = await createApiKey(scope, {
        name: body.name,
        permissions: body.permissions,
        rateLimit: body.rate_limit,
        expiresAt: body.expires_at,
        addresses: body.allowed_addresses,
      });
      return { ...present(row), key };
    },
  ),
  tenantRoute(
    {
      access,
      method: 'get',
      path: '/api/v1/tenants/{tenant_id}/api-keys',
      operationId: 'listApiKeys',
      tag: 'Identity',
      summary: 'List the API keys, newest first',
      params: tenantPath,
      query: pageQuery,
      status: 200,
      answer: pageOf(apiKey),
    },
    async ({ scope }, { query }) => {
      const page = await listApiKeys(scope, query);
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access,
      method: 'post',
      path: '/api/v1/tenants/{tenant_id}/api-keys/{key_id}/rotate',
      operationId: 'rotateApiKey',
      tag: 'Identity',
      summary: 'Replace an API key by a new one, with time to change over',
      description:
        'The new key may do what the old one may, and both work, counting together, until the old one stops. Its end is ' +
        'a flow of kind `key_rotation` with the id of the old key, which admins can move, run now, or cancel.',
      params: keyPath,
      body: z.strictObject({
        overlap_seconds: z
          .int()
          .min(0)
          .max(30 * 86_400)
          .default(86_400)
          .meta({ description: 'How long the old key goes on working; 0 stops it at once' }),
      }),
      status: 201,
      idempotent: true,
      answer: newApiKey,
      errors: ['api_key_not_active'],
    },
    async ({ scope }, { params, body }) => {
      const { apiKey: row, key } = await rotateApiKey(scope, params.key_id, { overlapSeconds: body.overlap_seconds });
      return { ...present(row), key };
    },
  ),
  tenantRoute(
    {
      access,
      method: 'delete',
      path: '/api/v1/tenants/{tenant_id}/api-keys/{key_id}',
      operationId: 'revokeApiKey',
      tag: 'Identity',
      summary: 'Revoke an API key, at once',
      params: keyPath,
      status: 204,
    },
    async ({ scope }, { params }) => {
      await revokeApiKey(scope, params.key_id);
      return undefined;
    },
  ),
];
