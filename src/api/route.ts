import type { Context } from 'koa';
import type { z } from 'zod';
import type { Deps, Scope } from '../context.ts';
import type { Permission, Role } from '../domain/access.ts';
import type { ErrorCode } from '../errors.ts';
import type { Standing } from '../services/users/standing.ts';

export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';

/** Who may call. `tenant` says where the tenant's id stands: in the path, or in the key or `X-Tenant-ID`. */
export type Access =
  | { kind: 'open' }
  | { kind: 'user' }
  | { kind: 'tenant'; tenant: 'path' | 'header'; role: Role; permission?: Permission };

/** All that is to be known of a route; validation, types and the OpenAPI document come from it. */
type Contract<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = {
  method: Method;
  /** OpenAPI style: `/api/v1/otp/{otp_id}`. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  params?: P;
  query?: Q;
  body?: B;
  /** Takes a file in place of JSON: its bytes as they come, of this type and at most this long. */
  file?: { type: string; limitBytes: number; description: string };
  status: number;
  /** The answer's schema; what it does not name does not leave the process. Absent for 204. */
  answer?: A;
  /** Error codes beside those that every route of its kind can give. */
  errors?: ErrorCode[];
};

export type Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** Empty for a route that takes none. */
  file: Buffer;
  koa: Context;
  requestId: string;
};

export type OpenCaller = { deps: Deps };
export type UserCaller = { deps: Deps; user: Standing };
export type TenantCaller = { scope: Scope };

/** A contract with its handler, as the router and the OpenAPI document take it. */
export type Route = Contract<z.ZodType, z.ZodType, z.ZodType, z.ZodType> & {
  access: Access;
  handle(caller: never, input: Input<z.ZodType, z.ZodType, z.ZodType>): Promise<unknown>;
};

type Handler<Caller, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = (
  caller: Caller,
  input: Input<P, Q, B>,
) => Promise<z.input<A>>;

type Maker<Caller, Extra> = <
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodUndefined,
>(
  contract: Contract<P, Q, B, A> & Extra,
  handle: Handler<Caller, P, Q, B, A>,
) => Route;

// The one cast: a list of routes cannot keep each handler's own types, which the makers have checked.
const asRoute = (access: Access, contract: object, handle: unknown): Route =>
  ({ ...contract, access, handle }) as unknown as Route;

/** A route that needs no credentials. */
export const openRoute: Maker<OpenCaller, object> = (contract, handle) => asRoute({ kind: 'open' }, contract, handle);

/** A route of a signed-in user, before any tenant. */
export const userRoute: Maker<UserCaller, object> = (contract, handle) => asRoute({ kind: 'user' }, contract, handle);

/** A route inside one tenant. Without a permission no API key may call it. */
export const tenantRoute: Maker<TenantCaller, { access: Omit<Access & { kind: 'tenant' }, 'kind'> }> = (
  { access, ...contract },
  handle,
) => asRoute({ kind: 'tenant', ...access }, contract, handle);
