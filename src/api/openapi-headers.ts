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
      'answer, with `Idempotency-Replayed: true`. Only answers of success are kept.',
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

const limits = {
  'RateLimit-Policy': z
    .string()
    .optional()
    .meta({ description: 'Of the API key', example: '"key";q=1000;w=3600', header: { id: 'RateLimitPolicy' } }),
  RateLimit: z
    .string()
    .optional()
    .meta({ description: 'What is left of it', example: '"key";r=998;t=3120', header: { id: 'RateLimit' } }),
};
const replayed = {
  'Idempotency-Replayed': z
    .literal('true')
    .optional()
    .meta({ description: 'On the answer of an earlier request', header: { id: 'IdempotencyReplayed' } }),
};

/** The headers of a successful answer. */
export const answerHeaders = ({ access, idempotent }: Route): z.ZodObject =>
  z.object({
    'X-Request-Id': requestId,
    ...(access.kind === 'tenant' && access.permission && limits),
    ...(idempotent && replayed),
  });
