import { z } from 'zod';
import { IDEMPOTENCY_KEY, idempotencyKey } from './idempotency.ts';
import type { Route } from './route.ts';

const tenantId = z
  .string()
  .optional()
  .meta({
    description: "With an API key: must be the key's own tenant. Of a user with several tenants: which one.",
    param: { id: 'TenantId' },
  });

const repeatable = z
  .string()
  .regex(idempotencyKey)
  .optional()
  .meta({
    description:
      'Makes it safe to send the request again: for 24 hours the same key with the same request gets the first ' +
      'answer, with `Idempotency-Replayed: true`. Only answers of success are kept. It is a key of the tenant, or of the ' +
      'user where the request is in none yet.',
    example: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    param: { id: 'IdempotencyKey' },
  });

/** The headers that a route reads, beside the credentials. */
export function requestHeaders({ access, idempotent }: Route): { header?: z.ZodObject } {
  const named = access.kind === 'tenant' && access.tenant === 'header';
  if (!named && !idempotent) return {};
  return {
    header: z.object({
      ...(named && { 'X-Tenant-ID': tenantId }),
      ...(idempotent && { [IDEMPOTENCY_KEY]: repeatable }),
    }),
  };
}

export const requestId = z.string().meta({ description: 'By which we find the request', header: { id: 'RequestId' } });

const limitHeaders = {
  'RateLimit-Policy': z.string().meta({
    description:
      'Who is counted, how many requests (`q`) in how many seconds (`w`): `"key"` the API key, `"user"` the signed-in ' +
      'person, `"client-…"` the address that the request comes from',
    example: '"key";q=1000;w=3600',
  }),
  RateLimit: z.string().meta({
    description: 'How many are left of them (`r`), and in how many seconds there are new ones (`t`)',
    example: '"key";r=998;t=3120',
  }),
};
const limits = {
  'RateLimit-Policy': limitHeaders['RateLimit-Policy'].meta({ header: { id: 'RateLimitPolicy' } }),
  RateLimit: limitHeaders.RateLimit.meta({ header: { id: 'RateLimit' } }),
};
const limitsIfCounted = {
  'RateLimit-Policy': limitHeaders['RateLimit-Policy'].optional().meta({ header: { id: 'RateLimitPolicyIfCounted' } }),
  RateLimit: limitHeaders.RateLimit.optional().meta({ header: { id: 'RateLimitIfCounted' } }),
};

/** Whose requests a route counts: the caller's who is known, the client's by its address, or nobody's. */
export type Counts = 'caller' | 'client' | 'nobody';

export const countsOf = ({ access, limit }: Route): Counts =>
  access.kind !== 'open' ? 'caller' : limit ? 'client' : 'nobody';

/** Where an answer may come before the caller is known and counted: from the server itself, or since Postgres is away. */
const perhapsUncounted = new Set([400, 403, 413, 500, 503]);

/** What the answers of a status say of limits. A caller who is not known has none. */
export function limitsOf(counts: Counts, status: number): Record<string, z.ZodType> {
  if (counts === 'nobody' || (counts === 'caller' && status === 401)) return {};
  // Which of a client's requests count together may stand in a body that could not be read.
  const uncounted = perhapsUncounted.has(status) || (counts === 'client' && status >= 400);
  return uncounted ? limitsIfCounted : limits;
}

const replayed = {
  'Idempotency-Replayed': z
    .literal('true')
    .optional()
    .meta({ description: 'On the answer of an earlier request', header: { id: 'IdempotencyReplayed' } }),
};

/** The headers of a successful answer. */
export const answerHeaders = (route: Route): z.ZodObject =>
  z.object({
    'X-Request-Id': requestId,
    ...limitsOf(countsOf(route), route.status),
    ...(route.idempotent && replayed),
  });
