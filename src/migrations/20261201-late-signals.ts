import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

/**
 * What tells a flow that it is time must not be given up because it is time: its workflow would sleep on, and nothing
 * that follows would reach it. A passcode alone is worth nothing after its next action, which is its end.
 */
const lateSignals = [
  `set local role ${SYSTEM_ROLE}`,
  'drop function app.postpone_outbox(bigint, interval, boolean)',
  'reset role',
  // Answers whether the row is parked: it is hopeless, was tried often enough, or comes too late for its passcode.
  ...systemFunction(
    'postpone_outbox(id bigint, delay interval, hopeless boolean)',
    'boolean',
    `update outbox o set available_at = clock_timestamp() + $2, leased_until = null,
       parked_at = case when $3 or o.attempts >= 20 or o.kind = 'otp' and exists (
         select from flows f
         where f.tenant_id = o.tenant_id and f.id = o.flow_id and f.next_action_at <= clock_timestamp()
       ) then clock_timestamp() end
     where o.id = $1 returning o.parked_at is not null`,
    'volatile',
  ),
];

export class LateSignals extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...lateSignals, ...returnSystemRole]) this.addSql(sql);
  }
}
