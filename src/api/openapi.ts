import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponseObject } from 'zod-openapi';
import { z } from 'zod';
import { errorStatus, type ErrorCode } from '../errors.ts';
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

/** The OpenAPI document of the routes, generated from the same contracts that check the requests. */
export function openApiDocument(routes: readonly Route[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Carillon',
      version: '1',
      description:
        'Durable WhatsApp flows: one-time passcodes that are sent once, can be watched, and end by themselves.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    components: {
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
    paths,
  });
}

function operation(route: Route) {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    security: security(route),
    requestParams: {
      ...(route.params ? { path: route.params as z.ZodObject } : {}),
      ...(route.query ? { query: route.query as z.ZodObject } : {}),
      ...(route.access.kind === 'tenant' && route.access.tenant === 'header' ? { header: tenantHeader } : {}),
    },
    ...requestBody(route),
    responses: {
      [String(route.status)]: {
        description: route.summary,
        headers: responseHeaders,
        ...(route.answer ? { content: { 'application/json': { schema: route.answer } } } : {}),
      },
      ...problems(route),
    } as Record<`${1 | 2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject>,
  };
}

function requestBody({ body, file }: Route) {
  if (body) return { requestBody: { required: true, content: { 'application/json': { schema: body } } } };
  if (!file) return {};
  const schema = z.string().meta({ description: `${file.description} At most ${file.limitBytes} bytes.` });
  return { requestBody: { required: true, content: { [file.type]: { schema } } } };
}

const tenantHeader = z.object({
  'X-Tenant-ID': z
    .string()
    .optional()
    .meta({ description: "With an API key: must be the key's own tenant. Of a user with several tenants: which one." }),
});

const responseHeaders = z.object({ 'X-Request-Id': z.string() });

function security({ access }: Route) {
  switch (access.kind) {
    case 'open':
      return [];
    case 'user':
      return [{ user: [] }];
    case 'tenant':
      return access.permission ? [{ apiKey: [] }, { user: [] }] : [{ user: [] }];
  }
}

/** Every error that a route can give, by status. */
function problems(route: Route): Record<string, ZodOpenApiResponseObject> {
  const codes: ErrorCode[] = ['unavailable', 'internal_error', 'malformed_request', 'invalid_request'];
  codes.push(...(route.errors ?? []));
  if (route.body ?? route.file) codes.push('payload_too_large', 'unsupported_media_type');
  if (route.params) codes.push('not_found');
  if (route.access.kind !== 'open') codes.push('unauthenticated');
  if (route.access.kind === 'tenant') codes.push('forbidden', 'tenant_mismatch', 'not_found');
  if (route.access.kind === 'tenant' && route.access.permission) codes.push('rate_limited');
  const byStatus = Map.groupBy([...new Set(codes)], (code) => errorStatus[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      String(status),
      {
        description: list.map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
}
