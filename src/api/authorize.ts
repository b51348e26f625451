import type { Context } from 'koa';
import { unitOfWork, type Deps, type Scope } from '../context.ts';
import { keyAllows, roleAllows, type Role } from '../domain/access.ts';
import { isWithin } from '../domain/client-network.ts';
import { AppError, notFound } from '../errors.ts';
import { holderOfKey, type KeyHolder } from '../services/api-keys/authenticate.ts';
import { audit } from '../services/audit.ts';
import { scopeOf } from '../services/scope.ts';
import { membershipsOf, userOfToken, type Standing } from '../services/users/standing.ts';
import { countRequest } from './rate-limit.ts';
import type { Access } from './route.ts';

type TenantAccess = Extract<Access, { kind: 'tenant' }>;

const unauthenticated = (detail: string) => new AppError('unauthenticated', detail);
const forbidden = (detail: string) => new AppError('forbidden', detail);

/** The signed-in user of a request, which counts for their limit. */
export async function requireUser(deps: Deps, koa: Context): Promise<Standing> {
  const [scheme, token] = koa.get('Authorization').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw unauthenticated('This route needs an access token.');
  const user = await userOfToken(deps, token);
  if (!user) throw unauthenticated('The access token is not valid or has expired.');
  const quota = { limit: deps.config.users.requestsPerHour, windowSeconds: 3600, code: 'rate_limited' } as const;
  await countRequest(koa, { name: 'user', ...quota }, () => deps.quotas.takeOfUser(user.userId, quota));
  return user;
}

/** The signed-in user of a request that only platform admins may make. */
export async function requirePlatformAdmin(deps: Deps, koa: Context): Promise<Standing> {
  const user = await requireUser(deps, koa);
  if (!user.platformAdmin) throw forbidden('This is for platform admins.');
  return user;
}

/** What the path of a request names, as it stands there: the tenant, and the member whom it is about. */
type Named = { tenant: string | undefined; user: string | undefined };

/** The tenant that a request may work in, and who it is. */
export async function requireTenant(
  deps: Deps,
  koa: Context,
  access: TenantAccess,
  requestId: string,
  named: Named,
): Promise<Scope> {
  const apiKey = koa.get('X-API-Key');
  const scope = apiKey
    ? await scopeOfKey(deps, koa, access, requestId, named.tenant, apiKey)
    : await scopeOfUser(deps, koa, access, requestId, named);
  koa.state['tenantId'] = scope.tenantId;
  return scope;
}

async function scopeOfKey(
  deps: Deps,
  koa: Context,
  access: TenantAccess,
  requestId: string,
  pathTenant: string | undefined,
  text: string,
): Promise<Scope> {
  const holder = await holderOfKey(deps, text);
  if (!holder) throw unauthenticated('The API key is not valid.');
  const scope = scopeOf(deps, holder.tenantId, { type: 'api_key', id: holder.keyId }, requestId);
  await refuseForeignAddress(scope, koa.ip, holder);
  const quota = { limit: holder.rateLimit, windowSeconds: 3600, code: 'rate_limited' } as const;
  await countRequest(koa, { name: 'key', ...quota }, () =>
    deps.quotas.take(holder.tenantId, { subject: `key:${holder.limitId}`, ...quota }),
  );
  await refuseForeignHeader(scope, koa.get('X-Tenant-ID'));
  if (pathTenant !== undefined && pathTenant !== String(holder.tenantId)) throw notFound('tenant');
  if (!access.permission) throw forbidden('This route is for users, not for API keys.');
  if (!keyAllows(holder.permissions, access.permission)) {
    throw forbidden(`The API key lacks the permission ${access.permission}.`);
  }
  return scope;
}

/** So many refusals of a key are written down in an hour: whoever has stolen it must not fill the log with them. */
const REFUSALS = { limit: 100, windowSeconds: 3600, code: 'rate_limited' } as const;

/** Before it counts: whoever has only stolen the key must not use up its owner's limit. */
async function refuseForeignAddress(scope: Scope, address: string, { addresses, keyId }: KeyHolder): Promise<void> {
  if (addresses === null || isWithin(address, addresses)) return;
  try {
    await scope.deps.quotas.take(scope.tenantId, { subject: `refused:${keyId}`, ...REFUSALS });
    await unitOfWork(scope, async (ctx) => audit(ctx, 'access.address_refused', { type: 'api_key', id: keyId }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  throw new AppError('address_not_allowed', 'This API key may not be used from this address.');
}

/** The key decides the tenant. A header that names another one is a mistake or an attempt, and is written down. */
async function refuseForeignHeader(scope: Scope, header: string): Promise<void> {
  if (header === '' || header === String(scope.tenantId)) return;
  const claimed = /^\d{1,10}$/.test(header) ? header : 'malformed';
  await unitOfWork(scope, async (ctx) => {
    audit(ctx, 'access.tenant_mismatch', { type: 'tenant', id: claimed });
  });
  throw new AppError('tenant_mismatch', 'X-Tenant-ID is not the tenant of this API key.');
}

async function scopeOfUser(
  deps: Deps,
  koa: Context,
  access: TenantAccess,
  requestId: string,
  named: Named,
): Promise<Scope> {
  const user = await requireUser(deps, koa);
  const memberships = await membershipsOf(deps, user.userId);
  const header = koa.get('X-Tenant-ID');
  const tenantId = named.tenant === undefined ? namedTenant(header, memberships) : readTenantId(named.tenant);
  const role = memberships.get(tenantId) ?? (user.platformAdmin ? 'owner' : undefined);
  if (!role || !(await tenantExists(deps, tenantId))) throw notFound('tenant');
  const ofThemselves = access.self === true && named.user === user.userId;
  if (!ofThemselves && !roleAllows(role, access.role)) throw forbidden(`This needs the role ${access.role}.`);
  return scopeOf(deps, tenantId, { type: 'user', id: user.userId }, requestId);
}

function namedTenant(header: string, memberships: ReadonlyMap<number, Role>): number {
  if (header !== '') return readTenantId(header);
  const [only, ...others] = memberships.keys();
  if (only === undefined || others.length > 0) {
    throw new AppError('malformed_request', 'X-Tenant-ID must say which tenant is meant.');
  }
  return only;
}

/** What cannot be the id of a tenant is that of none. */
function readTenantId(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text) || Number(text) > 2_147_483_647) throw notFound('tenant');
  return Number(text);
}

async function tenantExists({ pool }: Deps, tenantId: number): Promise<boolean> {
  const { rows } = await pool.query<{ exists: boolean }>('select app.tenant_exists($1) as exists', [tenantId]);
  return rows[0]?.exists ?? false;
}
