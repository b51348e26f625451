import { randomUUIDv7 } from 'node:crypto';
import type { Pool } from 'pg';
import { runForTenant } from '../../database.ts';
import { endingOf } from '../otp/ending.ts';

type Passcode = { tenantId: number; otpId: string };

/**
 * Ends a passcode that lives and whose workflow was ended from outside: nobody would send, resend or expire it. The
 * next send makes a new one. Nobody who calls us asked for it, so the audit names the system.
 */
export async function abandonOtp(pool: Pool, { tenantId, otpId }: Passcode): Promise<void> {
  await runForTenant(pool, tenantId, {
    text: `
      with abandoned as (
        update app.otps set status = 'cancelled', settled_at = clock_timestamp()
        where id = $1 and status = 'pending'
        returning id, status as outcome
      ), ${endingOf('abandoned')}
      insert into app.audit_log (id, actor_type, actor_id, action, target_type, target_id)
      select $2, 'system', 'lost_workflow', 'otp.cancelled', 'otp', id::text from abandoned`,
    values: [otpId, randomUUIDv7()],
  });
}

/** Has a passcode started that Temporal does not know, unless its start already waits. What waited for it still does. */
export async function restartOtp(pool: Pool, { tenantId, otpId }: Passcode): Promise<void> {
  await runForTenant(pool, tenantId, {
    text: `
      insert into app.outbox (operation, kind, flow_id, args, available_at)
      select 'start', 'otp', o.id, jsonb_build_object('expiresAt',
        to_char(o.expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), clock_timestamp()
      from app.otps o
      where o.id = $1 and o.status = 'pending'
        and not exists (select from app.outbox s where s.flow_id = o.id and s.operation = 'start')`,
    values: [otpId],
  });
}
