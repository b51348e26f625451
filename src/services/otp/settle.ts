import { randomUUIDv7 } from 'node:crypto';
import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import { otpMessageKey, type OtpOutcome } from '../../domain/otp.ts';
import type { OtpMessageRef } from './deliver.ts';
import { endingOf } from './ending.ts';

type Passcode = { tenantId: number; otpId: string };

/** `resend`: send message `n` now. `settled`: the provider has said what came of it, or nothing more is to be done. */
export type OtpSettlement =
  | { result: 'settled' }
  | { result: 'wait'; waitMs: number }
  | { result: 'resend'; n: number };

/**
 * Decides about a message whose fate is unknown when its time is up: a passcode that still lives is sent once more
 * (the same code, so that arriving twice does no harm), at most once; everything else stays unknown. Asked again, it
 * gives the same answer: a worker may have died before the first one reached Temporal.
 */
export async function settleUnknownOtp(deps: Deps, { tenantId, otpId, n }: OtpMessageRef): Promise<OtpSettlement> {
  const [row] = await runForTenant<{ status: string; wait_ms: number; next: number | null }>(deps.pool, tenantId, {
    text: `
      with doubtful as (
        select m.*, greatest(0, extract(epoch from m.settle_at - clock_timestamp()) * 1000)::double precision as wait_ms
        from app.messages m where m.key = $1 for update
      ), next as (
        insert into app.messages (id, key, kind, flow_id, channel_id, recipient, content, latest_useful_at)
        select $2, 'otp:' || o.id || ':' || count.n, 'otp', o.id, d.channel_id, d.recipient,
          jsonb_build_object('instead_of', d.id), o.expires_at
        from doubtful d
        join app.otps o on o.id = d.flow_id
        cross join lateral (select 1 + count(*) as n from app.messages m where m.flow_id = o.id) as count
        where d.status = 'unknown' and d.wait_ms = 0 and o.status = 'pending' and o.expires_at > clock_timestamp()
          and not exists (select from app.messages m where m.flow_id = o.id and m.content ? 'instead_of')
        on conflict (tenant_id, key) do nothing
        returning key
      )
      select d.status, coalesce(d.wait_ms, 0) as wait_ms, split_part(coalesce(next.key, decided.key), ':', 3)::integer as next
      from doubtful d
      left join next on true
      left join app.messages decided on decided.flow_id = d.flow_id and decided.content ->> 'instead_of' = d.id::text`,
    values: [otpMessageKey(otpId, n), randomUUIDv7()],
  });
  if (!row || row.status !== 'unknown') return { result: 'settled' };
  if (row.next !== null) return { result: 'resend', n: row.next };
  return row.wait_ms > 0 ? { result: 'wait', waitMs: Math.ceil(row.wait_ms) } : { result: 'settled' };
}

/** Ends a passcode whose time is over by the database's clock, or says how it has ended, or how long it still has. */
export async function expireOtp(
  { pool }: Pick<Deps, 'pool'>,
  { tenantId, otpId }: Passcode,
): Promise<{ outcome: OtpOutcome } | { waitMs: number }> {
  const [row] = await runForTenant<{ status: OtpOutcome | 'pending'; wait_ms: number }>(pool, tenantId, {
    text: `
      with expired as (
        update app.otps set status = 'expired', settled_at = clock_timestamp()
        where id = $1 and status = 'pending' and expires_at <= clock_timestamp()
        returning id, status as outcome
      ), ${endingOf('expired')}
      select case when expired.id is null then o.status else 'expired' end as status,
        (extract(epoch from o.expires_at - clock_timestamp()) * 1000)::double precision as wait_ms
      from app.otps o left join expired on expired.id = o.id where o.id = $1`,
    values: [otpId],
  });
  if (!row) return { outcome: 'cancelled' };
  return row.status === 'pending' ? { waitMs: Math.max(1, Math.ceil(row.wait_ms)) } : { outcome: row.status };
}
