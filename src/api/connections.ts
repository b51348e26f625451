import { z } from 'zod';
import type { Deps } from '../context.ts';
import type { Connection } from '../entities/connection.ts';
import { createConnection, platforms } from '../services/connections/create.ts';
import { getConnection, listConnections, webhookUrl } from '../services/connections/get.ts';
import { removeConnection } from '../services/connections/remove.ts';
import { rotateConnectionSecret } from '../services/connections/rotate-secret.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, isoOrNull, line, pageOf, pageQuery } from './schema.ts';

const connection = z
  .object({
    id,
    platform: z.enum(platforms),
    name: z.string(),
    account_id: z.string().nullable().meta({ description: "The platform's own name for the account, once it said it" }),
    status: z.enum(['active', 'refused']).meta({ description: '`refused`: it needs a new access token' }),
    has_access_token: z.boolean(),
    webhook_url: z.string().meta({ description: 'Where the platform has to send its webhooks' }),
    previous_secret_until: instant.nullable().meta({ description: 'How long the secret of before is still taken' }),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Connection', description: 'Secrets are never answered back.' });

const present = (deps: Deps, row: Connection): z.input<typeof connection> => ({
  id: row.id,
  platform: row.platform,
  name: row.name,
  account_id: row.accountId ?? null,
  status: row.status,
  has_access_token: Boolean(row.credentials),
  webhook_url: webhookUrl(deps, row),
  previous_secret_until: isoOrNull(row.previousUntil),
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
});

const printable = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');
const secret = printable(8, 200).meta({ description: 'What its webhooks are signed with; of Stripe `whsec_…`' });
const accessToken = printable(8, 500).meta({
  description: 'A secret or restricted key of Stripe’s (`sk_…`, `rk_…`). Without it there are no payment links.',
});

const read = { tenant: 'header', verb: 'connections:read' } as const;
const write = { tenant: 'header', verb: 'connections:write' } as const;
const params = z.object({ connection_id: id });
const base = '/api/v1/connections';
const path = `${base}/{connection_id}`;
const tag = 'Connections';

export const connectionRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: base,
      operationId: 'createConnection',
      tag,
      summary: 'Connect a payment provider',
      description: 'For now Stripe alone. The access token is tried; its account is in the answer.',
      body: z.strictObject({
        platform: z.enum(platforms),
        name: line(100).optional(),
        secret,
        access_token: accessToken.optional(),
      }),
      status: 201,
      idempotent: 'outside',
      answer: connection,
      errors: ['connection_refused', 'provider_unavailable'],
    },
    async ({ scope }, { body: { access_token, ...body } }) =>
      present(scope.deps, await createConnection(scope, { ...body, accessToken: access_token })),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: base,
      operationId: 'listConnections',
      tag,
      summary: 'List connections, newest first',
      query: pageQuery,
      status: 200,
      answer: pageOf(connection),
    },
    async ({ scope }, { query }) => {
      const page = await listConnections(scope, query);
      return { data: page.rows.map((row) => present(scope.deps, row)), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getConnection',
      tag,
      summary: 'Show a connection',
      params,
      status: 200,
      answer: connection,
    },
    async ({ scope }, { params: { connection_id } }) => present(scope.deps, await getConnection(scope, connection_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/rotate-secret`,
      operationId: 'rotateConnectionSecret',
      tag,
      summary: 'Replace the secret of the webhooks, the access token, or both',
      description: 'For `overlap_seconds` webhooks under the secret of before are taken as well.',
      params,
      body: z
        .strictObject({
          secret: secret.optional(),
          access_token: accessToken.optional(),
          overlap_seconds: z.int().min(0).max(604_800).default(86_400),
        })
        .refine((body) => body.secret !== undefined || body.access_token !== undefined, {
          path: ['secret'],
          message: 'or access_token must be given',
        }),
      status: 200,
      answer: connection,
      errors: ['connection_refused', 'provider_unavailable'],
    },
    async ({ scope }, { params: { connection_id }, body }) => {
      const input = { secret: body.secret, accessToken: body.access_token, overlapSeconds: body.overlap_seconds };
      return present(scope.deps, await rotateConnectionSecret(scope, connection_id, input));
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'delete',
      path,
      operationId: 'deleteConnection',
      tag,
      summary: 'Remove a connection and destroy its secrets; what it has booked stays',
      params,
      status: 204,
    },
    async ({ scope }, { params: { connection_id } }) => {
      await removeConnection(scope, connection_id);
      return undefined;
    },
  ),
];
