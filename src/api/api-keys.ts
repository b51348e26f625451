import { z } from 'zod';
import { grantablePermissions } from '../domain/access.ts';
import type { ApiKey } from '../entities/api-key.ts';
import { createApiKey } from '../services/api-keys/create.ts';
import { listApiKeys } from '../services/api-keys/list.ts';
import { revokeApiKey } from '../services/api-keys/revoke.ts';
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
    created_at: instant,
  })
  .meta({ id: 'ApiKey' });

const present = (row: ApiKey) => ({
  id: row.id,
  name: row.name,
  prefix: `crl_${row.keyId}`,
  permissions: row.permissions,
  rate_limit: row.rateLimit,
  expires_at: isoOrNull(row.expiresAt),
  last_used_at: isoOrNull(row.lastUsedAt),
  revoked_at: isoOrNull(row.revokedAt),
  created_at: iso(row.createdAt),
});

// Keys are made and ended by people: a key that leaked must not be able to make another.
const access = { tenant: 'path', role: 'admin' } as const;

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
      }),
      status: 201,
      answer: apiKey.extend({ key: z.string().meta({ description: 'Shown once' }) }).meta({ id: 'NewApiKey' }),
    },
    async ({ scope }, { body }) => {
      const { apiKey: row, key } = await createApiKey(scope, {
        name: body.name,
        permissions: body.permissions,
        rateLimit: body.rate_limit,
        expiresAt: body.expires_at,
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
      method: 'delete',
      path: '/api/v1/tenants/{tenant_id}/api-keys/{key_id}',
      operationId: 'revokeApiKey',
      tag: 'Identity',
      summary: 'Revoke an API key, at once',
      params: tenantPath.extend({ key_id: id }),
      status: 204,
    },
    async ({ scope }, { params }) => {
      await revokeApiKey(scope, params.key_id);
      return undefined;
    },
  ),
];
