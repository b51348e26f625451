import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemFunction } from './tenant-table.ts';

const due = (row: string) =>
  `${row}.available_at <= clock_timestamp() and ${row}.parked_at is null
   and (${row}.leased_until is null or ${row}.leased_until <= clock_timestamp())`;
/** Starts of what nobody waits for in person. There may be thousands of them at once. */
const bulk = (row: string) => `${row}.operation = 'start' and ${row}.kind = 'message'`;

const outbox = [
  `alter table app.outbox add column priority smallint
     generated always as (coalesce((args ->> 'priority')::smallint, 5)) stored`,
  `create index outbox__bulk on app.outbox (tenant_id, priority, id) where ${bulk('outbox')}`,
  `create index outbox__urgent on app.outbox (id) where not (${bulk('outbox')})`,
  `set local role ${SYSTEM_ROLE}`,
  'drop function app.lease_outbox(integer, interval)',
  'drop function app.outbox_backlog()',
  'drop function app.postpone_outbox(bigint, interval, boolean)',
  'reset role',
  // What is urgent, oldest first; and of the bulk as many as there is room for. Tenants take turns, and one that has
  // had less than others lately (`shares`) comes first; the more important rows of a tenant go before its others. A start waits for nobody; what follows waits for it, and for what
  // came before it in the same flow.
  ...systemFunction(
    'lease_outbox(batch integer, bulk integer, lease interval, tenants integer[], shares double precision[])',
    `table (tenant_id integer, id bigint, operation text, kind text, flow_id uuid, signal text, args jsonb, attempts integer, age_ms integer)`,
    `with recursive tenants as (
       (select s.tenant_id from outbox s where ${bulk('s')} order by s.tenant_id limit 1)
       union all
       select (select s.tenant_id from outbox s where ${bulk('s')} and s.tenant_id > t.tenant_id
               order by s.tenant_id limit 1)
       from tenants t where t.tenant_id is not null
     ), turns as (
       select next.tenant_id, next.id, next.priority, coalesce(had.share, 0)
         + row_number() over (partition by next.tenant_id order by next.priority, next.id) as turn
       from tenants t left join unnest($4, $5) as had (tenant_id, share) on had.tenant_id = t.tenant_id, lateral (
         select s.tenant_id, s.id, s.priority from outbox s
         where s.tenant_id = t.tenant_id and ${bulk('s')} and ${due('s')}
         order by s.priority, s.id limit $2
       ) next
     ), fair as (
       select c.tenant_id, c.id from outbox c
       where (c.tenant_id, c.id) in (select turns.tenant_id, turns.id from turns order by turn, priority, id limit $2)
         and ${due('c')}
       for update skip locked
     ), urgent as (
       select c.tenant_id, c.id from outbox c
       where not (${bulk('c')}) and ${due('c')}
         and (c.operation = 'start' or not exists (
           select from outbox p where p.flow_id = c.flow_id and (p.id < c.id or p.operation = 'start')
         ))
       order by c.id limit $1 for update skip locked
     )
     update outbox o set leased_until = clock_timestamp() + $3, attempts = o.attempts + 1
     from (select * from urgent union all select * from fair) leased
     where o.tenant_id = leased.tenant_id and o.id = leased.id
     returning o.tenant_id, o.id, o.operation, o.kind, o.flow_id, o.signal, o.args, o.attempts,
       (extract(epoch from clock_timestamp() - o.created_at) * 1000)::integer`,
    'volatile',
  ),
  // Answers whether the row is parked: it is hopeless, was tried often enough, or comes too late for its flow. A
  // message's next action is the send itself, which may come late.
  ...systemFunction(
    'postpone_outbox(id bigint, delay interval, hopeless boolean)',
    'boolean',
    `update outbox o set available_at = clock_timestamp() + $2, leased_until = null,
       parked_at = case when $3 or o.attempts >= 20 or o.kind <> 'message' and exists (
         select from flows f
         where f.tenant_id = o.tenant_id and f.id = o.flow_id and f.next_action_at <= clock_timestamp()
       ) then clock_timestamp() end
     where o.id = $1 returning o.parked_at is not null`,
    'volatile',
  ),
  // The age of the oldest passcode that could be started and never was. One that was tried and failed says nothing
  // about how far starts lag behind, and one that is leased waits in a process, which knows that by itself.
  ...systemFunction(
    'outbox_backlog()',
    'double precision',
    `select coalesce(extract(epoch from clock_timestamp() - min(o.created_at)) * 1000, 0)
     from outbox o
     where o.operation = 'start' and o.kind = 'otp' and o.attempts = 0 and o.leased_until is null
       and o.available_at <= clock_timestamp()`,
  ),
];

const messages = [
  `grant select (attempts) on app.messages to ${SYSTEM_ROLE}`,
  // Which of these have been started and not yet looked at by a sender.
  ...systemFunction(
    'unseen_messages(tenant_ids integer[], ids uuid[])',
    'table (id uuid)',
    `select m.id from messages m join unnest($1, $2) as asked (tenant_id, id)
       on m.tenant_id = asked.tenant_id and m.id = asked.id
     where m.status = 'queued' and m.attempts = 0 and m.reason is null`,
  ),
];

export class FairStarts extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...outbox, ...messages, ...returnSystemRole]) this.addSql(sql);
  }
}
