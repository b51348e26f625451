import type { Pool } from 'pg';
import { runForTenant } from '../database.ts';
import { AppError, type ErrorCode } from '../errors.ts';

/** `limit` requests in each window of `windowSeconds`; past it the caller gets `code`. */
export type Quota = { subject: string; limit: number; windowSeconds: number; code: ErrorCode };
export type QuotaLeft = { limit: number; remaining: number; resetSeconds: number };
export type Quotas = { take(tenantId: number, quota: Quota): Promise<QuotaLeft> };

type Lease = { size: number; left: number; granted: number; endsAt: number };

/**
 * Fixed windows that all processes share. Requests are granted by Postgres in batches of a hundredth of the limit, so
 * a busy subject costs one write per batch and the limit is never passed; a process that dies takes at most one batch
 * with it.
 */
export function createQuotas(pool: Pool): Quotas {
  const leases = new Map<string, Lease>();
  const asking = new Map<string, Promise<Lease>>();

  /** Requests that find the lease used up together ask for the next one together. */
  const ask = (name: string, tenantId: number, quota: Quota): Promise<Lease> => {
    let answer = asking.get(name);
    if (!answer) {
      answer = leaseNext(pool, tenantId, quota)
        .then((lease) => {
          leases.set(name, lease);
          return lease;
        })
        .finally(() => asking.delete(name));
      asking.set(name, answer);
    }
    return answer;
  };

  return {
    async take(tenantId, quota) {
      const name = `${tenantId}/${quota.subject}`;
      let lease = leases.get(name);
      while (!lease || lease.left <= 0 || performance.now() >= lease.endsAt) {
        // An exhausted window is remembered until it ends: a flood of refusals costs Postgres nothing.
        if (lease?.size === 0 && performance.now() < lease.endsAt) throw exhausted(quota, lease);
        lease = await ask(name, tenantId, quota);
      }
      lease.left -= 1;
      return {
        limit: quota.limit,
        remaining: Math.max(0, quota.limit - lease.granted + lease.left),
        resetSeconds: secondsLeft(lease),
      };
    },
  };
}

const exhausted = ({ code }: Quota, lease: Lease): AppError =>
  new AppError(code, 'The limit of requests is reached.', { retryAfterSeconds: Math.max(1, secondsLeft(lease)) });

const secondsLeft = (lease: Lease): number => Math.ceil((lease.endsAt - performance.now()) / 1000);

async function leaseNext(pool: Pool, tenantId: number, { subject, limit, windowSeconds }: Quota): Promise<Lease> {
  const batch = Math.max(1, Math.floor(limit / 100));
  const [row] = await runForTenant<{ granted: number | null; seconds_left: number }>(pool, tenantId, {
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
  if (!row) throw new Error('A window always answers');
  // The last batch of a window may reach over the limit: only what is under it counts.
  const size = row.granted === null ? 0 : batch - Math.max(0, row.granted - limit);
  const granted = Math.min(row.granted ?? limit, limit);
  return { size, left: size, granted, endsAt: performance.now() + row.seconds_left * 1000 };
}
