import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Deps } from '../context.ts';
import { AppError, notFound, type FieldError } from '../errors.ts';
import { requireTenant, requireUser } from './authorize.ts';
import { readFileBody } from './file-body.ts';
import { readJsonBody, refuseOdd } from './json-body.ts';
import type { Input, Route } from './route.ts';

const JSON_LIMIT_BYTES = 256 * 1024;
/** Of a caller without credentials, who may keep as many requests open as the server has connections. */
const OPEN_JSON_LIMIT_BYTES = 16 * 1024;

const noQuery = z.strictObject({});

/** Turns contracts into a router. Every route is handled alike: who, what, do, answer. */
export function mount(deps: Deps, routes: readonly Route[]): Router {
  const router = new Router();
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    router.register(path, [route.method], async (koa) => {
      koa.state['route'] = `${route.method.toUpperCase()} ${route.path}`;
      await answer(deps, route, koa);
    });
  }
  return router;
}

async function answer(deps: Deps, route: Route, koa: Context): Promise<void> {
  const requestId = koa.state['requestId'] as string;
  const params = readParams(route.params, koa.params);
  const caller = await callerOf(deps, route, koa, requestId, params);
  const input = await readInput(route, koa, requestId, params);
  const result = await route.handle(caller as never, input);
  koa.status = route.status;
  koa.body = route.answer ? route.answer.parse(result) : null;
}

async function callerOf(deps: Deps, route: Route, koa: Context, requestId: string, params: unknown) {
  switch (route.access.kind) {
    case 'open':
      return { deps };
    case 'user':
      return { deps, user: await requireUser(deps, koa) };
    case 'tenant': {
      const { tenant_id } = (params ?? {}) as { tenant_id?: number };
      const fromPath = route.access.tenant === 'path' ? tenant_id : undefined;
      return { scope: await requireTenant(deps, koa, route.access, requestId, fromPath) };
    }
  }
}

/** A path that cannot name anything names nothing. */
function readParams(schema: z.ZodType | undefined, params: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw notFound('resource');
  return parsed.data;
}

/** Query and body are checked together, so that a caller learns of every mistake at once. */
async function readInput(
  route: Route,
  koa: Context,
  requestId: string,
  params: unknown,
): Promise<Input<z.ZodType, z.ZodType, z.ZodType>> {
  const errors: FieldError[] = [];
  const check = (schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    errors.push(...parsed.error.issues.flatMap(fieldErrors));
    return undefined;
  };
  const limit = route.access.kind === 'open' ? OPEN_JSON_LIMIT_BYTES : JSON_LIMIT_BYTES;
  refuseOdd('query', { ...koa.query });
  const query = check(route.query ?? noQuery, { ...koa.query });
  const body = check(route.body, route.body ? await readJsonBody(koa.req, limit) : undefined);
  if (errors.length > 0) throw new AppError('invalid_request', 'Some fields are not valid.', { errors });
  const file = route.file ? await readFileBody(koa.req, route.file) : Buffer.alloc(0);
  return { params, query, body, file, koa, requestId };
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a field of this request' }));
}
