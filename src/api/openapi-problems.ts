import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { z } from 'zod';
import { errorMeanings } from '../error-meanings.ts';
import { errorStatus, type ErrorCode } from '../errors.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { countsOf, limitsOf, requestId, type Counts } from './openapi-headers.ts';
import type { Route } from './route.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]]),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. `code` is stable; `errors` names every invalid field.' });

/** Every error that a route can give, by status: `x-codes` for programs, the meanings for readers. */
export function problemResponses(route: Route): Record<string, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(codesOf(route), (code) => errorStatus[code]);
  const counts = countsOf(route);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [String(status), responseOf(counts, status, codes)]),
  );
}

const responses = new Map<string, ZodOpenApiResponseObject>();

/** The same object for the same codes: the document says once what many routes answer. */
function responseOf(counts: Counts, status: number, codes: ErrorCode[]): ZodOpenApiResponseObject {
  const key = [counts, ...codes].join();
  const response = responses.get(key) ?? {
    ...(counts === 'caller' && codes.length <= MOST_IN_A_NAME && { id: nameOf(codes) }),
    description: codes.map((code) => `- \`${code}\`: ${errorMeanings[code]}`).join('\n'),
    headers: headersOf(counts, status),
    content: { [PROBLEM_TYPE]: { schema: problem } },
    'x-codes': codes,
  };
  responses.set(key, response);
  return response;
}

/** Longer lists belong to single routes, and stand there, as what open routes answer does. */
const MOST_IN_A_NAME = 3;

const nameOf = (codes: ErrorCode[]): string =>
  codes.map((code) => code.replaceAll(/(?:^|_)([a-z])/g, (_all, first: string) => first.toUpperCase())).join('Or');

function codesOf(route: Route): ErrorCode[] {
  const codes: ErrorCode[] = ['malformed_request', 'invalid_request', 'internal_error', 'unavailable'];
  codes.push(...(route.errors ?? []));
  if (route.body ?? route.file) codes.push('payload_too_large', 'unsupported_media_type');
  if (route.idempotent) codes.push('idempotency_key_in_use', 'idempotency_key_reused');
  if (route.params) codes.push('not_found');
  if (route.access.kind !== 'open') codes.push('unauthenticated', 'rate_limited');
  if (route.access.kind === 'platform') codes.push('forbidden');
  // An API key is known, and counted, before it is told that the route is for users alone.
  if (route.access.kind === 'tenant') codes.push('forbidden', 'tenant_mismatch', 'address_not_allowed', 'not_found');
  const order = Object.keys(errorStatus);
  return [...new Set(codes)].toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
}

function headersOf(counts: Counts, status: number): z.ZodObject {
  const waits = status === 429 || status === 503;
  return z.object({
    'X-Request-Id': requestId,
    ...limitsOf(counts, status),
    ...(waits && { 'Retry-After': z.string().regex(/^\d+$/).optional().meta({ description: 'Seconds' }) }),
    ...(status === 401 && { 'WWW-Authenticate': z.string() }),
  });
}
