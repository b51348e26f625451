import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import { buckets } from '../../domain/pacing.ts';
import type { Sealed } from '../../entities/channel.ts';
import { noteLapsed } from './lapse.ts';

/** A sender that has not recorded within its lease is taken for dead; its call ends well before. */
export const LEASE_SECONDS = 6;
/** How long a status webhook may take to settle a call of which we do not know what came. */
export const SETTLE_SECONDS = 10;

export type ClaimedMessage = {
  id: string;
  fence: number;
  attempts: number;
  recipient: string;
  channel: { id: string; sandbox: boolean; phoneNumberId: string; credentials: Sealed };
  otp: { kid: string; locale: string } | null;
};

/**
 * What a sender may do with a message:
 * `go` call the provider, under this fence; `busy` someone else is calling; `paced` the number's or the recipient's
 * bucket is empty; `asked` the provider has asked to be left alone with it until then; `lapsed` someone called and died, so it is
 * now `unknown`; `done` the provider has it; `over` it must not be sent any more, or was given up.
 */
export type Claim =
  | { verdict: 'go'; message: ClaimedMessage }
  | { verdict: 'busy' | 'paced' | 'asked'; waitMs: number }
  | { verdict: 'unknown'; waitMs: number }
  | { verdict: 'done' }
  | { verdict: 'over'; status: string };

type Row = {
  verdict: 'go' | 'paced' | 'asked' | 'busy' | 'lapsed' | 'unknown' | 'done' | 'over' | 'cancelled' | 'expired';
  id: string;
  status: string;
  fence: number;
  attempts: number;
  recipient: string;
  lease_ms: number;
  bucket_ms: number;
  asked_ms: number;
  settle_ms: number;
  channel_id: string;
  sandbox: boolean;
  phone_number_id: string;
  credentials: Sealed;
  kid: string | null;
  locale: string | null;
};

const interval = (ms: number): string => `interval '${ms} milliseconds'`;
/** How far ahead of now the next token may lie while another one can still be taken. */
const slack = ({ everyMs, burst }: { everyMs: number; burst: number }): string => interval(everyMs * (burst - 1));

// Everything that could forbid the send is read again here, by row, however long ago it was planned. A token is taken
// from both buckets or from none.
const text = `
with seen as (
  select m.*, c.sandbox, c.phone_number_id, c.credentials, c.throughput_per_second, o.kid, o.locale,
    case
      when m.status in ('sent', 'delivered', 'read') then 'done'
      when m.status in ('failed', 'cancelled', 'expired') then 'over'
      when m.status = 'unknown' then 'unknown'
      when m.status = 'sending' and m.lease_until > clock_timestamp() then 'busy'
      when m.status = 'sending' then 'lapsed'
      when m.latest_useful_at <= clock_timestamp() then 'expired'
      when t.deleted_at is not null or c.status <> 'active' or c.deleted_at is not null then 'cancelled'
      when m.kind = 'otp' and (o.status <> 'pending' or o.expires_at <= clock_timestamp()) then 'cancelled'
      when m.not_before > clock_timestamp() then 'asked'
      else 'go'
    end as verdict,
    case
      when t.deleted_at is not null then 'tenant_deleted'
      when c.deleted_at is not null then 'channel_deleted'
      when c.status <> 'active' then 'channel_paused'
      else 'no_longer_wanted'
    end as why_not
  from app.messages m
  join app.channels c on c.id = m.channel_id
  join app.tenants t on true
  left join app.otps o on m.kind = 'otp' and o.id = m.flow_id
  where m.key = $1
  for update of m
), bucket as (
  select b.id, b.step, b.slack from seen, lateral (values
    ('number/' || seen.channel_id, interval '1 second' / seen.throughput_per_second,
      interval '1 second' / seen.throughput_per_second * (seen.throughput_per_second - 1)),
    ('recipient/' || seen.channel_id || '/' || seen.recipient, ${interval(buckets.recipient.everyMs)},
      ${slack(buckets.recipient)})
  ) as b (id, step, slack)
  where seen.verdict = 'go'
), held as (
  select b.id, b.next_at from app.send_buckets b where b.id in (select id from bucket) order by b.id for update
), pace as (
  select coalesce(bool_and(held.next_at is null or held.next_at <= clock_timestamp() + bucket.slack), true) as allows,
    max(held.next_at - bucket.slack) as next_at
  from bucket left join held on held.id = bucket.id
), token as (
  insert into app.send_buckets as b (id, next_at)
  select id, clock_timestamp() + step from bucket where (select allows from pace)
  on conflict (tenant_id, id) do update
    set next_at = greatest(b.next_at, clock_timestamp()) + (select step from bucket where bucket.id = b.id)
), decided as (
  select seen.*, case when seen.verdict = 'go' and not pace.allows then 'paced' else seen.verdict end as final,
    pace.next_at
  from seen, pace
), changed as (
  update app.messages m set
    status = case seen.final when 'go' then 'sending' when 'lapsed' then 'unknown' else seen.final end,
    fence = m.fence + (seen.final = 'go')::integer,
    attempts = m.attempts + (seen.final = 'go')::integer,
    claimed_at = case when seen.final = 'go' then clock_timestamp() else m.claimed_at end,
    reason = case seen.final when 'go' then null when 'lapsed' then 'sender_died' when 'expired' then 'too_late'
      when 'cancelled' then seen.why_not else m.reason end,
    lease_until = case when seen.final = 'go' then clock_timestamp() + interval '${LEASE_SECONDS} seconds' end,
    settle_at = case
      when seen.final = 'go' then clock_timestamp() + interval '${SETTLE_SECONDS} seconds' else m.settle_at
    end,
    updated_at = clock_timestamp()
  from decided seen where m.id = seen.id and seen.final in ('go', 'lapsed', 'cancelled', 'expired')
  returning m.id, m.status, m.fence, m.attempts
), evidence as (
  ${noteLapsed(`(select * from decided where final = 'lapsed')`)}
)
select seen.final as verdict, seen.id, coalesce(changed.status, seen.status) as status,
  coalesce(changed.fence, seen.fence) as fence, coalesce(changed.attempts, seen.attempts) as attempts, seen.recipient,
  (extract(epoch from seen.lease_until - clock_timestamp()) * 1000)::double precision as lease_ms,
  (extract(epoch from seen.next_at - clock_timestamp()) * 1000)::double precision as bucket_ms,
  (extract(epoch from seen.not_before - clock_timestamp()) * 1000)::double precision as asked_ms,
  (extract(epoch from seen.settle_at - clock_timestamp()) * 1000)::double precision as settle_ms,
  seen.channel_id, seen.sandbox, seen.phone_number_id, seen.credentials, seen.kid, seen.locale
from decided seen left join changed on changed.id = seen.id`;

/** Takes a message for one call of the provider. The lease and the fence are in Postgres, so any sender may die. */
export async function claimMessage({ pool }: Deps, tenantId: number, key: string): Promise<Claim> {
  const [row] = await runForTenant<Row>(pool, tenantId, { name: 'message_claim', text, values: [key] });
  if (!row) return { verdict: 'over', status: 'absent' };
  switch (row.verdict) {
    case 'go':
      return { verdict: 'go', message: claimed(row) };
    case 'busy':
      return { verdict: 'busy', waitMs: atLeast(row.lease_ms) };
    case 'paced':
      return { verdict: 'paced', waitMs: atLeast(row.bucket_ms) };
    case 'asked':
      return { verdict: 'asked', waitMs: atLeast(row.asked_ms) };
    case 'lapsed':
    case 'unknown':
      return { verdict: 'unknown', waitMs: atLeast(row.settle_ms) };
    case 'done':
      return { verdict: 'done' };
    default:
      return { verdict: 'over', status: row.status };
  }
}

const atLeast = (ms: number): number => Math.max(1, Math.ceil(ms));

const claimed = (row: Row): ClaimedMessage => ({
  id: row.id,
  fence: row.fence,
  attempts: row.attempts,
  recipient: row.recipient,
  channel: {
    id: row.channel_id,
    sandbox: row.sandbox,
    phoneNumberId: row.phone_number_id,
    credentials: row.credentials,
  },
  otp: row.kid !== null && row.locale !== null ? { kid: row.kid, locale: row.locale } : null,
});
