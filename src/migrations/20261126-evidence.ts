import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemAccess, systemFunction } from './tenant-table.ts';

const evidence = [
  ...systemAccess('message_attempts', { select: [], insert: [] }),
  `grant select (fence, claimed_at, updated_at) on app.messages to ${SYSTEM_ROLE}`,
  `grant select (reason), update (reason) on app.messages to ${SYSTEM_ROLE}`,
  `set local role ${SYSTEM_ROLE}`,
  'drop function app.lapse_messages()',
  'reset role',
  // As before; and the call that nobody told the end of is an attempt like any other.
  ...systemFunction(
    'lapse_messages()',
    'bigint',
    `with lapsed as (
       update messages m set status = 'unknown', reason = 'sender_died', lease_until = null,
         updated_at = clock_timestamp()
       from (
         select c.tenant_id, c.id from messages c
         where c.status = 'sending' and c.settle_at <= clock_timestamp() and c.lease_until <= clock_timestamp()
         for update skip locked
       ) dead
       where m.tenant_id = dead.tenant_id and m.id = dead.id
       returning m.tenant_id, m.id, m.fence, coalesce(m.claimed_at, m.updated_at) as claimed_at
     ), told as (
       insert into message_attempts (tenant_id, id, message_id, n, claimed_at, outcome)
       select tenant_id, gen_random_uuid(), id, fence, claimed_at, 'lapsed' from lapsed
       on conflict (tenant_id, message_id, n, outcome) do nothing
     )
     select count(*) from lapsed`,
    'volatile',
  ),
];

export class Evidence extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...evidence, ...returnSystemRole]) this.addSql(sql);
  }
}
