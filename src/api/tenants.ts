import { z } from 'zod';
import type { Tenant } from '../entities/tenant.ts';
import { invalidField } from '../errors.ts';
import { createTenant, plans } from '../services/tenants/create.ts';
import { getTenant, listTenants } from '../services/tenants/get.ts';
import { removeTenant } from '../services/tenants/remove.ts';
import { restoreTenant, RESTORABLE_DAYS } from '../services/tenants/restore.ts';
import { changePlan, updateTenant } from '../services/tenants/update.ts';
import { platformRoute, tenantRoute, userRoute } from './route.ts';
import { instant, iso, line, pageOf, pageQuery, tenantId, tenantPath } from './schema.ts';

const tenant = z
  .object({
    id: tenantId,
    name: z.string(),
    slug: z.string(),
    domain: z.string().nullable(),
    plan: z.enum(plans),
    timezone: z.string(),
    locale: z.string(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Tenant' });

const present = (row: Tenant) => ({
  id: row.id,
  name: row.name,
  slug: row.slug,
  domain: row.domain ?? null,
  plan: row.plan,
  timezone: row.timezone,
  locale: row.locale,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
});

const domain = z
  .string()
  .toLowerCase()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'must be a domain name');

export const tenantRoutes = [
  userRoute(
    {
      method: 'post',
      path: '/api/v1/tenants',
      operationId: 'createTenant',
      tag: 'Identity',
      summary: 'Make a tenant',
      description:
        'The caller becomes its owner. It begins with a sandbox channel. A user may own a limited number of tenants, ' +
        `those included that were deleted in the last ${RESTORABLE_DAYS} days.`,
      body: z.strictObject({
        name: line(200),
        slug: z
          .string()
          .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens'),
        domain: domain.optional(),
        plan: z.enum(plans),
      }),
      status: 201,
      idempotent: true,
      answer: tenant,
      errors: ['slug_taken', 'domain_taken', 'too_many_tenants'],
    },
    async ({ deps, user, within }, { body, requestId }) => {
      const ownsAtMost = user.platformAdmin ? undefined : deps.config.users.ownedTenants;
      const actor = { type: 'user', id: user.userId } as const;
      return present(await createTenant(deps, actor, requestId, body, { ownsAtMost, within }));
    },
  ),
  userRoute(
    {
      method: 'get',
      path: '/api/v1/tenants',
      operationId: 'listTenants',
      tag: 'Identity',
      summary: 'List the tenants that you may see',
      query: pageQuery.extend({ cursor: z.string().optional() }),
      status: 200,
      answer: pageOf(tenant),
    },
    async ({ deps, user }, { query }) => {
      const after = query.cursor === undefined ? 0 : readCursor(query.cursor);
      const { tenants, next } = await listTenants(deps, user.userId, { after, limit: query.limit });
      return { data: tenants.map(present), next_cursor: next === null ? null : String(next) };
    },
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'tenants:read' },
      method: 'get',
      path: '/api/v1/tenants/{tenant_id}',
      operationId: 'getTenant',
      tag: 'Identity',
      summary: 'Show a tenant',
      params: tenantPath,
      status: 200,
      answer: tenant,
    },
    async ({ scope }) => present(await getTenant(scope)),
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'tenants:write' },
      method: 'patch',
      path: '/api/v1/tenants/{tenant_id}',
      operationId: 'updateTenant',
      tag: 'Identity',
      summary: 'Change the name or the domain of a tenant',
      description: 'What is left out stays; null takes the domain away. The slug stays as it is.',
      params: tenantPath,
      body: z.strictObject({ name: line(200).optional(), domain: domain.nullable().optional() }),
      status: 200,
      answer: tenant,
      errors: ['domain_taken'],
    },
    async ({ scope }, { body }) => present(await updateTenant(scope, body)),
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'tenants:plan' },
      method: 'put',
      path: '/api/v1/tenants/{tenant_id}/plan',
      operationId: 'changePlan',
      tag: 'Identity',
      summary: 'Change the plan of a tenant, at once',
      params: tenantPath,
      body: z.strictObject({ plan: z.enum(plans) }),
      status: 200,
      answer: tenant,
    },
    async ({ scope }, { body }) => present(await changePlan(scope, body.plan)),
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'tenants:delete' },
      method: 'delete',
      path: '/api/v1/tenants/{tenant_id}',
      operationId: 'deleteTenant',
      tag: 'Identity',
      summary: 'Delete a tenant, at once',
      description:
        'Its API keys are revoked, its webhooks are not heard any more, and nothing of it is sent; its flows are cancelled ' +
        `within a short while. For ${RESTORABLE_DAYS} days a platform admin can undo it, and its slug and domain stay taken; then ` +
        'all of it is removed.',
      params: tenantPath,
      status: 204,
    },
    async ({ scope }) => {
      await removeTenant(scope);
      return undefined;
    },
  ),
  platformRoute(
    {
      verb: 'tenants:restore',
      method: 'post',
      path: '/api/v1/tenants/{tenant_id}/restore',
      operationId: 'restoreTenant',
      tag: 'Identity',
      summary: 'Undo the deletion of a tenant',
      description:
        `For ${RESTORABLE_DAYS} days after it. Its rows, members and settings are there again; its API keys stay revoked ` +
        'and its flows cancelled.',
      params: tenantPath,
      status: 200,
      answer: tenant,
      errors: ['tenant_not_deleted', 'restore_too_late', 'tenant_purged', 'conflict'],
    },
    async ({ deps, user }, { params, requestId }) =>
      present(
        await restoreTenant(deps, {
          tenantId: params.tenant_id,
          actor: { type: 'user', id: user.userId },
          requestId,
        }),
      ),
  ),
];

function readCursor(cursor: string): number {
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  throw invalidField('cursor', 'is not a cursor of this list');
}
