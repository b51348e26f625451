import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemAccess, systemFunction } from './tenant-table.ts';

// The clock of the statement, and not that of the moment, is what an index can be searched by.
const evidence = [
  ...systemAccess('message_attempts', { select: [], insert: [] }),
  `grant select (fence, claimed_at, updated_at) on app.messages to ${SYSTEM_ROLE}`,
  `grant select (reason), update (reason) on app.messages to ${SYSTEM_ROLE}`,
  `set local role ${SYSTEM_ROLE}`,
  'drop function app.lapse_messages()',
  'drop function app.doubtful_messages()',
  'drop function app.overdue_flows(interval, timestamptz, uuid, integer)',
  'reset role',
  // The call that nobody told the end of is an attempt like any other.
  ...systemFunction(
    'lapse_messages()',
    'bigint',
    `with lapsed as (
       update messages m set status = 'unknown', reason = 'sender_died', lease_until = null,
         updated_at = clock_timestamp()
       from (
         select c.tenant_id, c.id from messages c
         where c.status = 'sending' and c.settle_at <= statement_timestamp() and c.lease_until <= clock_timestamp()
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
  // What nobody settled in its time. An alert that never ends tells nothing, so a day later it is history.
  ...systemFunction(
    'doubtful_messages()',
    'table (kind text, doubtful bigint)',
    `select m.kind, count(*) from messages m
     where m.status = 'unknown'
       and m.settle_at between statement_timestamp() - interval '1 day' and statement_timestamp() group by 1`,
  ),
  // Overdue flows, page by page: the reconciler asks Temporal about each. Not those whose start is still being tried.
  ...systemFunction(
    'overdue_flows(grace interval, after_due timestamptz, after_id uuid, batch integer)',
    'table (tenant_id integer, id uuid, kind text, due text)',
    `select f.tenant_id, f.id, f.kind, f.next_action_at::text from flows f
     where f.status = 'running' and f.next_action_at < statement_timestamp() - $1 and (f.next_action_at, f.id) > ($2, $3)
       and not exists (
         select from outbox o where o.flow_id = f.id and o.operation = 'start' and o.parked_at is null
       )
     order by f.next_action_at, f.id limit $4`,
  ),
  ...systemAccess('alerts', { select: ['tenant_id', 'kind', 'channel_id', 'resolved_at'], update: ['resolved_at'] }),
  `grant select (channel_id) on app.messages to ${SYSTEM_ROLE}`,
  // Late words of the provider may have settled all that an alert was about.
  ...systemFunction(
    'close_settled_alerts()',
    'bigint',
    `with closed as (
       update alerts a set resolved_at = clock_timestamp()
       where a.kind = 'message_unknown' and a.resolved_at is null and not exists (
         select from messages m
         where m.tenant_id = a.tenant_id and m.channel_id = a.channel_id and m.status = 'unknown'
       )
       returning a.kind
     )
     select count(*) from closed`,
    'volatile',
  ),
];

export class Evidence extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...evidence, ...returnSystemRole]) this.addSql(sql);
  }
}
