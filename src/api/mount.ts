import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Deps } from '../context.ts';
import { AppError, invalidFields, notFound, type FieldError } from '../errors.ts';
import { requirePlatformAdmin, requireTenant, requireUser } from './authorize.ts';
import { once } from '../services/idempotency/once.ts';
import type { Shelf } from '../services/idempotency/shelf.ts';
import { tenantShelf } from '../services/idempotency/tenant-shelf.ts';
import { userShelf } from '../services/idempotency/user-shelf.ts';
import { readFileBody } from './file-body.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { readJsonBody, refuseOdd } from './json-body.ts';
import { tellLeft, tellPolicy } from './rate-limit.ts';
import type { Input, OpenCaller, Route, TenantCaller, UserCaller } from './route.ts';

const JSON_LIMIT_BYTES = 256 * 1024;
/** Of a caller without credentials, who may keep as many requests open as the server has connections. */
const OPEN_JSON_LIMIT_BYTES = 16 * 1024;

const noQuery = z.strictObject({});

/** Turns contracts into a router. Every route is handled alike: who, what, do, answer. */
export function mount(deps: Deps, routes: readonly Route[]): Router {
  const router = new Router({ sensitive: true });
  refuseOtherMethods(router, routes);
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    router.register(path, [route.method], async (koa) => {
      koa.state['route'] = `${route.method.toUpperCase()} ${route.path}`;
      await answer(deps, route, koa);
    });
  }
  return router;
}

/** A path that another one with a parameter also fits takes none of the other's methods: `imports` is no contact. */
function refuseOtherMethods(router: Router, routes: readonly Route[]): void {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  for (const [path, own] of byPath) {
    const fits = (other: string) => new RegExp(`^${other.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
    if (path.includes('{') || ![...byPath.keys()].some((other) => other !== path && fits(other))) continue;
    const taken = own.map(({ method }) => method);
    const allowed = taken.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
    const others = (['get', 'post', 'put', 'patch', 'delete'] as const).filter((method) => !taken.includes(method));
    router.register(path, others, (koa) => {
      koa.set('Allow', allowed);
      throw new AppError('method_not_allowed', `Allowed here: ${allowed}.`);
    });
  }
}

async function answer(deps: Deps, route: Route, koa: Context): Promise<void> {
  const requestId = koa.state['requestId'] as string;
  tellLimit(route, koa);
  // Who calls comes first: what is wrong with the rest is told to callers who are known, and have been counted.
  const caller = await callerOf(deps, route, koa, requestId);
  const params = readParams(route.params, koa.params);
  const input = await readInput(route, koa, requestId, params);
  try {
    await work(deps, route, koa, caller, input);
  } finally {
    tellLimit(route, koa, input.body);
  }
}

/** Of an open route that counts its callers. Of all others the caller's own limit is told, when they are known. */
function tellLimit({ limit }: Route, koa: Context, body?: unknown): void {
  if (!limit) return;
  tellPolicy(koa, limit);
  const left = limit.left(koa.ip, body);
  if (left) tellLeft(koa, limit, left);
}

type Caller = OpenCaller | UserCaller | TenantCaller;

async function work(
  deps: Deps,
  route: Route,
  koa: Context,
  caller: Caller,
  input: Input<z.ZodType, z.ZodType, z.ZodType>,
): Promise<void> {
  const handle = async (as: Caller): Promise<unknown> => {
    const result = await route.handle(as as never, input);
    return route.answer ? route.answer.parse(result) : null;
  };
  const repeatable = readIdempotencyKey(route, koa, input);
  if (!repeatable) {
    const body = await handle(caller);
    koa.status = route.status;
    koa.body = body;
    return;
  }
  const { status, body, replayed } = await once(shelfOf(deps, caller), repeatable, (within) =>
    handle('scope' in caller ? { scope: { ...caller.scope, within } } : { ...caller, within }),
  );
  koa.status = status;
  koa.body = body;
  if (replayed) koa.set('Idempotency-Replayed', 'true');
}

/** A key belongs to the tenant that the request is in, and before any tenant to the user. */
function shelfOf(deps: Deps, caller: Caller): Shelf {
  if ('scope' in caller) return tenantShelf(caller.scope);
  if ('user' in caller) return userShelf(deps, caller.user.userId);
  throw new Error('Nobody is known on an open route to whom a key could belong');
}

async function callerOf(deps: Deps, route: Route, koa: Context, requestId: string): Promise<Caller> {
  switch (route.access.kind) {
    case 'open':
      return { deps };
    case 'user':
      return { deps, user: await requireUser(deps, koa) };
    case 'platform':
      return { deps, user: await requirePlatformAdmin(deps, koa) };
    case 'tenant': {
      const { tenant_id, user_id } = koa.params as { tenant_id?: string; user_id?: string };
      const named = { tenant: route.access.tenant === 'path' ? tenant_id : undefined, user: user_id };
      return { scope: await requireTenant(deps, koa, route.access, requestId, named) };
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
  if (errors.length > 0) throw invalidFields(errors);
  const file = route.file ? await readFileBody(koa.req, route.file) : Buffer.alloc(0);
  return { params, query, body, file, koa, requestId };
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a field of this request' }));
}
