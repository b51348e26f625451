import type { Pool } from 'pg';
import { runForTenant } from '../database.ts';
import { AppError, type ErrorCode } from '../errors.ts';

/** `limit` requests in each window of `windowSeconds`; past it the caller gets `code`. */
export type Quota = { subject: string; limit: number; windowSeconds: number; code: ErrorCode };
export type QuotaLeft = { limit: number; remaining: number; resetSeconds: number };
export type Quotas = {
  /** Of a subject of a tenant. */
  take(tenantId: number, quota: Quota): Promise<QuotaLeft>;
  /** Of a user, in all of their tenants together. */
  takeOfUser(userId: string, quota: Omit<Quota, 'subject'>): Promise<QuotaLeft>;
};

type Lease = { size: number; left: number; granted: number; endsAt: number };

/** What Postgres grants: `granted` so far in the window, this batch included, or null where there is no more. */
type Grant = { granted: number | null; seconds_left: number };
type Grantor = (batch: number) => Promise<Grant>;

/** Leases that are kept in mind. One that is forgotten before its end costs its window what was left of a batch. */
const REMEMBERED = 50_000;

/**
 * Fixed windows that all processes share. Requests are granted by Postgres in batches of a hundredth of the limit, so
 * a busy subject costs one write per batch and the limit is never passed; a process that dies takes at most one batch
 * with it.
 */
export function createQuotas(pool: Pool): Quotas {
  const leases = new Map<string, Lease>();
  const asking = new Map<string, Promise<Lease>>();

  /** Requests that find the lease used up together ask for the next one together. */
  const ask = (name: string, limit: number, grant: Grantor): Promise<Lease> => {
    let answer = asking.get(name);
    if (!answer) {
      answer = leaseNext(limit, grant)
        .then((lease) => {
          remember(leases, name, lease);
          return lease;
        })
        .finally(() => asking.delete(name));
      asking.set(name, answer);
    }
    return answer;
  };

  const take = async (name: string, quota: Omit<Quota, 'subject'>, grant: Grantor): Promise<QuotaLeft> => {
    let lease = leases.get(name);
    while (!lease || lease.left <= 0 || performance.now() >= lease.endsAt) {
      // An exhausted window is remembered until it ends: a flood of refusals costs Postgres nothing.
      if (lease?.size === 0 && performance.now() < lease.endsAt) throw exhausted(quota, lease);
      lease = await ask(name, quota.limit, grant);
    }
    lease.left -= 1;
    return {
      limit: quota.limit,
      remaining: Math.max(0, quota.limit - lease.granted + lease.left),
      resetSeconds: secondsLeft(lease),
    };
  };

  return {
    take: (tenantId, quota) =>
      take(`${tenantId}/${quota.subject}`, quota, (batch) => grantToTenant(pool, tenantId, quota, batch)),
    takeOfUser: (userId, quota) => take(`user/${userId}`, quota, (batch) => grantToUser(pool, userId, quota, batch)),
  };
}

/** The map's order is that in which leases were granted: those in front have ended, or have done nothing for longest. */
function remember(leases: Map<string, Lease>, name: string, lease: Lease): void {
  leases.delete(name);
  leases.set(name, lease);
  for (const [other, { endsAt }] of leases) {
    if (endsAt > performance.now() && leases.size <= REMEMBERED) break;
    leases.delete(other);
  }
}

const exhausted = ({ code }: Pick<Quota, 'code'>, lease: Lease): AppError =>
  new AppError(code, 'The limit of requests is reached.', { retryAfterSeconds: Math.max(1, secondsLeft(lease)) });

const secondsLeft = (lease: Lease): number => Math.ceil((lease.endsAt - performance.now()) / 1000);

async function leaseNext(limit: number, grant: Grantor): Promise<Lease> {
  const batch = Math.max(1, Math.floor(limit / 100));
  const { granted, seconds_left } = await grant(batch);
  // The last batch of a window may reach over the limit: only what is under it counts.
  const size = granted === null ? 0 : batch - Math.max(0, granted - limit);
  return {
    size,
    left: size,
    granted: Math.min(granted ?? limit, limit),
    endsAt: performance.now() + seconds_left * 1000,
  };
}

async function grantToTenant(pool: Pool, tenantId: number, quota: Quota, batch: number): Promise<Grant> {
  const { subject, limit, windowSeconds } = quota;
  const [row] = await runForTenant<Grant>(pool, tenantId, {
    text: `
      with this as materialized (
        select to_timestamp(floor(extract(epoch from clock_timestamp()) / $3::integer) * $3::integer) as starts
      ), past as (
        delete from app.rate_windows w using this where w.subject = $1 and w.window_start < this.starts
      ), taken as (
        insert into app.rate_windows as w (subject, window_start, granted) select $1, starts, $2::integer from this
        on conflict (tenant_id, subject, window_start)
          do update set granted = w.granted + $2::integer where w.granted < $4::integer
        returning granted
      )
      select (select granted from taken) as granted,
        extract(epoch from this.starts - clock_timestamp())::double precision + $3::integer as seconds_left
      from this`,
    values: [subject, batch, windowSeconds, limit],
  });
  return row ?? neverEmpty();
}

async function grantToUser(pool: Pool, userId: string, quota: Omit<Quota, 'subject'>, batch: number): Promise<Grant> {
  const { rows } = await pool.query<Grant>(
    'select granted, seconds_left from app.grant_user_requests($1, $2, $3, $4)',
    [userId, batch, quota.windowSeconds, quota.limit],
  );
  return rows[0] ?? neverEmpty();
}

const neverEmpty = (): never => {
  throw new Error('A window always answers');
};
