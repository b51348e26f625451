import type { Statement } from '../../database.ts';
import { otpPolicy } from '../../domain/otp.ts';
import { endingOf } from './ending.ts';

export type VerifyRow = {
  id: string;
  status: 'pending' | 'verified' | 'locked';
  entry_id: string | null;
  signal: string;
};

export type VerifyRequest = {
  phone: string;
  purpose: string;
  /** The MACs that the right code would have, one for each pepper alive. */
  macs: Buffer[];
  auditId: string;
  usageId: string;
  actor: { type: string; id: string };
  requestId: string | null;
};

/**
 * Counts the attempt, compares, and settles, in one UPDATE: guesses in parallel queue for the row, and each sees what
 * the one before left. No row comes back for an unknown, expired, used or locked passcode.
 */
const text = `
with clock as materialized (
  select date_trunc('milliseconds', clock_timestamp()) as at
), hit as (
  update app.otps o set
    attempts = o.attempts + 1,
    status = case
      when o.code_mac = any ($3::bytea[]) then 'verified'
      when o.attempts + 1 >= ${otpPolicy.maxAttempts} then 'locked'
      else 'pending'
    end,
    settled_at = case
      when o.code_mac = any ($3::bytea[]) or o.attempts + 1 >= ${otpPolicy.maxAttempts} then clock.at
    end
  from clock
  where o.phone = $1 and o.purpose = $2 and o.status = 'pending' and o.expires_at > clock.at
    and o.attempts < ${otpPolicy.maxAttempts}
  returning o.id, o.status
), settled as (
  select id, status as outcome from hit where status <> 'pending'
), ${endingOf('settled')}, entry as (
  insert into app.outbox (operation, kind, flow_id, signal)
  select 'signal', 'otp', id, case outcome when 'verified' then 'otpVerified' else 'otpLocked' end from settled
  returning id, signal
), audit as (
  insert into app.audit_log (id, actor_type, actor_id, action, target_type, target_id, request_id)
  select $4, $5, $6, 'otp.' || outcome, 'otp', id::text, $7 from settled
), usage as (
  insert into app.usage_events (id, kind, source_id) select $8, 'otp_verified', id from settled where outcome = 'verified'
)
select hit.id, hit.status, entry.id as entry_id, entry.signal from hit left join entry on true`;

export const verifyStatement = (r: VerifyRequest): Statement => ({
  name: 'otp_verify',
  text,
  values: [r.phone, r.purpose, r.macs, r.auditId, r.actor.type, r.actor.id, r.requestId, r.usageId],
});
