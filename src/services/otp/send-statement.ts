import type { Statement } from '../../database.ts';
import { otpPolicy, resendWaitSeconds } from '../../domain/otp.ts';
import { clientSubject } from './client-hours.ts';
import { endingOf } from './ending.ts';

/** One request to send a passcode. `client` is the network that it is asked for from, if that is known. */
export type SendRequest = {
  phone: string;
  purpose: string;
  client: string | null;
  locale: string | null;
  /** What the row gets if this request makes one; a resend keeps what is there. */
  otpId: string;
  kid: string;
  codeMac: Buffer;
  messageId: string;
  auditId: string;
  usageId: string;
  actor: { type: string; id: string };
  requestId: string | null;
};

export type SendRow = {
  verdict: 'new' | 'resend' | 'locked' | 'too_early' | 'phone_budget' | 'client_budget' | 'no_channel';
  /** Seconds after which a refused request may be made again. */
  retry_after: number;
  id: string | null;
  attempts: number;
  expires_ms: number;
  resend_ms: number;
  entry_id: string | null;
  signal: string | null;
  args: Record<string, unknown>;
};

const { lifeSeconds, perPhone, perPhoneSeconds, perClient, perClientSeconds } = otpPolicy;

/** The waits of `resendWaitSeconds`, as an array that SQL indexes by the number of sends so far. */
const waits = `array[${Array.from({ length: 10 }, (_, i) => resendWaitSeconds(i + 1)).join(', ')}]`;

/**
 * The whole of a send in one round trip: settles what has expired, decides, writes the passcode, its flow, the
 * message, the outbox, the audit and the usage row. Two first sends that race meet in the unique index: the one that
 * lost fails as a whole, so it has taken nothing from its client's budget, and asks again. The code is not in it, only
 * its MAC.
 *
 * A client's budget is a counter of a full hour, which sends at once queue for; it is taken from last, by sends that
 * nothing else refuses. Around the full hour a client may so have two budgets in a row.
 */
const text = `
with clock as materialized (
  select date_trunc('milliseconds', clock_timestamp()) as at
), channel as (
  select id, status from app.channels where type = 'whatsapp' and deleted_at is null
  order by sandbox, status, id desc limit 1
), lapsed as (
  update app.otps set status = 'expired', settled_at = clock.at from clock
  where phone = $1 and purpose = $2 and status = 'pending' and expires_at <= clock.at
  returning id, status as outcome
), ${endingOf('lapsed')}, live as (
  select o.id, o.status, o.attempts, o.expires_at, o.resend_available_at, o.asked_at
  from app.otps o, clock
  where o.phone = $1 and o.purpose = $2 and o.status in ('pending', 'locked') and o.expires_at > clock.at
  order by o.created_at desc limit 1
  for update of o
), by_phone as (
  select count(*) as asked, min(t.at) as oldest
  from clock, app.otps o, unnest(o.asked_at) as t (at)
  where o.phone = $1 and o.purpose = $2
    and o.created_at > clock.at - interval '${perPhoneSeconds + lifeSeconds} seconds'
    and t.at > clock.at - interval '${perPhoneSeconds} seconds'
), judged as (
  select live.id, channel.id as channel_id, clock.at,
    case
      when live.status = 'locked' then 'locked'
      when live.resend_available_at > clock.at then 'too_early'
      when by_phone.asked >= ${perPhone} then 'phone_budget'
      when channel.id is null or channel.status <> 'active' then 'no_channel'
      when live.id is not null then 'resend'
      else 'new'
    end as verdict,
    case
      when live.status = 'locked' then live.expires_at
      when live.resend_available_at > clock.at then live.resend_available_at
      else by_phone.oldest + interval '${perPhoneSeconds} seconds'
    end as retry_at
  from clock cross join by_phone left join live on true left join channel on true
), client_hour as (
  select to_timestamp(floor(extract(epoch from at) / ${perClientSeconds}) * ${perClientSeconds}) as starts
  from judged where verdict in ('new', 'resend') and $3::text is not null
), charged as (
  insert into app.rate_windows as w (subject, window_start, granted)
  -- Reading it first gives all sends one order of locks: the phone's row, then the client's.
  select '${clientSubject}' || $3, starts, 1 from client_hour where (select count(*) from lapsed) >= 0
  on conflict (tenant_id, subject, window_start) do update set granted = w.granted + 1 where w.granted < ${perClient}
  returning granted
), decision as (
  select j.id, j.channel_id, j.at,
    case when h.starts is not null and not exists (select from charged) then 'client_budget' else j.verdict end as verdict,
    coalesce(h.starts + interval '${perClientSeconds} seconds', j.retry_at) as retry_at
  from judged j left join client_hour h on true
), made as (
  insert into app.otps (id, phone, purpose, kid, code_mac, asked_at, expires_at, resend_available_at, locale, created_at)
  select $4, $1, $2, $5, $6, array[d.at], d.at + interval '${lifeSeconds} seconds',
    d.at + make_interval(secs => (${waits})[1]),
    coalesce($7, (select locale from app.tenants)), d.at
  -- Reading it makes the expired row give up its place in the unique index first.
  from decision d where d.verdict = 'new' and (select count(*) from lapsed) >= 0
  returning id, attempts, expires_at, resend_available_at
), made_flow as (
  insert into app.flows (id, kind, stage, next_action, next_action_at)
  select id, 'otp', 'awaiting_code', 'expire', expires_at from made
), asked_again as (
  update app.otps o set asked_at = o.asked_at || d.at,
    resend_available_at = d.at + make_interval(secs => (${waits})[least(cardinality(o.asked_at) + 1, 10)])
  from decision d where d.verdict = 'resend' and o.id = d.id
  returning o.id, o.attempts, o.expires_at, o.resend_available_at
), subject as (
  select *, true as is_new, 1 as n from made
  union all
  select *, false, 1 + (select count(*) from app.messages m where m.flow_id = asked_again.id)::integer from asked_again
), message as (
  insert into app.messages (id, key, kind, flow_id, channel_id, recipient, latest_useful_at)
  select $8, 'otp:' || s.id || ':' || s.n, 'otp', s.id, d.channel_id, $1, s.expires_at from subject s, decision d
), entry as (
  insert into app.outbox (operation, kind, flow_id, signal, args)
  select case when s.is_new then 'start' else 'signal' end, 'otp', s.id,
    case when s.is_new then null else 'otpResendRequested' end,
    case when s.is_new
      then jsonb_build_object('expiresAt', to_char(s.expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      else jsonb_build_object('n', s.n)
    end
  from subject s
  returning id, signal, args
), audit as (
  insert into app.audit_log (id, actor_type, actor_id, action, target_type, target_id, request_id)
  select $9, $10, $11, case when s.is_new then 'otp.send' else 'otp.resend' end, 'otp', s.id::text, $12 from subject s
), usage as (
  insert into app.usage_events (id, kind, source_id) select $13, 'otp_send', $8 from subject
)
select d.verdict, ceil(coalesce(extract(epoch from d.retry_at - d.at), 0))::integer as retry_after, s.id,
  coalesce(s.attempts, 0) as attempts, (extract(epoch from s.expires_at) * 1000)::double precision as expires_ms,
  (extract(epoch from s.resend_available_at) * 1000)::double precision as resend_ms,
  e.id as entry_id, e.signal, e.args
from decision d left join subject s on true left join entry e on true`;

export const sendStatement = (r: SendRequest): Statement => ({
  name: 'otp_send',
  text,
  values: [
    r.phone,
    r.purpose,
    r.client,
    r.otpId,
    r.kid,
    r.codeMac,
    r.locale,
    r.messageId,
    r.auditId,
    r.actor.type,
    r.actor.id,
    r.requestId,
    r.usageId,
  ],
});
