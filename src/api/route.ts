import type { Context } from 'koa';
import type { z } from 'zod';
import type { Deps, Scope, Within } from '../context.ts';
import { verbs, type PlatformVerb, type Rule, type Verb } from '../domain/verbs.ts';
import type { ErrorCode } from '../errors.ts';
import type { Standing } from '../services/users/standing.ts';
import type { Left, Policy } from './rate-limit.ts';

export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';

/** Who may call. `tenant` says where the tenant's id stands: in the path, or in the key or `X-Tenant-ID`. */
export type Access =
  | { kind: 'open' }
  | { kind: 'user' }
  | { kind: 'platform'; verb: PlatformVerb }
  | ({ kind: 'tenant' } & TenantAccess & Rule);

/** The verb says who may: `domain/verbs.ts`. */
type TenantAccess = { tenant: 'path' | 'header'; verb: Verb };

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
  /** Of an open route that counts its callers: how, and how many requests one of them has left. */
  limit?: Policy & { left(address: string, body: z.output<B> | undefined): Left | undefined };
  status: number;
  /**
   * Whether a repeat with the same `Idempotency-Key` gets the first answer; every POST that creates says so.
   * `outside`: its work goes on outside of the transaction that keeps the answer (`services/idempotency/once.ts`).
   */
  idempotent?: true | 'outside';
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
/** `within`: a transaction that is of no tenant yet, in which the work of the request belongs. */
export type UserCaller = { deps: Deps; user: Standing; within?: Within | undefined };
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

/** A route of a signed-in platform admin. */
export const platformRoute: Maker<UserCaller, { verb: PlatformVerb }> = ({ verb, ...contract }, handle) =>
  asRoute({ kind: 'platform', verb }, contract, handle);

/** A route inside one tenant. */
export const tenantRoute: Maker<TenantCaller, { access: TenantAccess }> = ({ access, ...contract }, handle) =>
  asRoute({ kind: 'tenant', ...access, ...verbs[access.verb] }, contract, handle);
