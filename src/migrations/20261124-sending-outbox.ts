import { systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

/** What Temporal is still to be told, and what the relay and the reconciler may ask of it across tenants. */
export const outbox = [
  ...tenantTable('outbox', {
    id: 'id bigint generated always as identity',
    columns: [
      `operation text not null constraint outbox__operation check (operation in ('start', 'signal', 'cancel'))`,
      'kind text not null',
      'flow_id uuid not null',
      'signal text',
      `args jsonb not null default '{}'`,
      `available_at timestamptz not null default clock_timestamp() + interval '2 seconds'`,
      'leased_until timestamptz',
      'attempts integer not null default 0',
      // Given up: nobody tries it any more, and it goes once the reconciler has seen its flow end.
      'parked_at timestamptz',
      'created_at timestamptz not null default clock_timestamp()',
    ],
    references: [{ column: 'flow_id', table: 'flows' }],
    privileges: ['select', 'insert', 'delete'],
  }),
  'create index outbox__due on app.outbox (id, available_at)',
  'create index outbox__by_flow on app.outbox (flow_id, id)',
  ...systemAccess('outbox', {
    select: [],
    update: ['available_at', 'leased_until', 'attempts', 'parked_at'],
    delete: [],
  }),
  // A start waits for nobody; what follows waits for it, and for what came before it in the same flow.
  ...systemFunction(
    'lease_outbox(batch integer, lease interval)',
    `table (tenant_id integer, id bigint, operation text, kind text, flow_id uuid, signal text, args jsonb, attempts integer, age_ms integer)`,
    `update outbox o set leased_until = clock_timestamp() + $2, attempts = o.attempts + 1
     from (
       select c.tenant_id, c.id from outbox c
       where c.available_at <= clock_timestamp() and c.parked_at is null
         and (c.leased_until is null or c.leased_until <= clock_timestamp())
         and (c.operation = 'start' or not exists (
           select from outbox p where p.flow_id = c.flow_id and (p.id < c.id or p.operation = 'start')
         ))
       order by c.id limit $1 for update skip locked
     ) due
     where o.tenant_id = due.tenant_id and o.id = due.id
     returning o.tenant_id, o.id, o.operation, o.kind, o.flow_id, o.signal, o.args, o.attempts,
       (extract(epoch from clock_timestamp() - o.created_at) * 1000)::integer`,
    'volatile',
  ),
  ...systemFunction(
    'renew_outbox(ids bigint[], lease interval)',
    'void',
    `update outbox o set leased_until = clock_timestamp() + $2 where o.id = any ($1) and o.leased_until is not null`,
    'volatile',
  ),
  ...systemFunction('complete_outbox(ids bigint[])', 'void', `delete from outbox o where o.id = any ($1)`, 'volatile'),
  // Answers whether the row is parked: it is hopeless, was tried often enough, or comes too late for its flow.
  ...systemFunction(
    'postpone_outbox(id bigint, delay interval, hopeless boolean)',
    'boolean',
    `update outbox o set available_at = clock_timestamp() + $2, leased_until = null,
       parked_at = case when $3 or o.attempts >= 20 or exists (
         select from flows f
         where f.tenant_id = o.tenant_id and f.id = o.flow_id and f.next_action_at <= clock_timestamp()
       ) then clock_timestamp() end
     where o.id = $1 returning o.parked_at is not null`,
    'volatile',
  ),
  // A flow that has ended needs none of its parked rows, nor what waits behind them. Counts those that stay.
  ...systemFunction(
    'sweep_parked_outbox()',
    'bigint',
    `with gone as (
       delete from outbox o using flows f
       where f.tenant_id = o.tenant_id and f.id = o.flow_id and f.status <> 'running'
         and exists (select from outbox p where p.flow_id = o.flow_id and p.parked_at is not null)
       returning o.id
     )
     select count(*) from outbox o where o.parked_at is not null and o.id not in (select id from gone)`,
    'volatile',
  ),
  // The age of the oldest start that could be tried and never was. One that was tried and failed says nothing about
  // how far starts lag behind, and one that is leased waits in a process, which knows that by itself.
  ...systemFunction(
    'outbox_backlog()',
    'double precision',
    `select coalesce(extract(epoch from clock_timestamp() - min(o.created_at)) * 1000, 0)
     from outbox o
     where o.operation = 'start' and o.attempts = 0 and o.leased_until is null and o.available_at <= clock_timestamp()`,
  ),
  // Overdue flows, page by page: the reconciler asks Temporal about each. Not those whose start is still being tried.
  ...systemFunction(
    'overdue_flows(grace interval, after_due timestamptz, after_id uuid, batch integer)',
    'table (tenant_id integer, id uuid, kind text, due text)',
    `select f.tenant_id, f.id, f.kind, f.next_action_at::text from flows f
     where f.status = 'running' and f.next_action_at < clock_timestamp() - $1 and (f.next_action_at, f.id) > ($2, $3)
       and not exists (
         select from outbox o where o.flow_id = f.id and o.operation = 'start' and o.parked_at is null
       )
     order by f.next_action_at, f.id limit $4`,
  ),
  ...systemFunction(
    'running_flows(tenant_ids integer[], ids uuid[])',
    'table (id uuid)',
    `select f.id from flows f join unnest($1, $2) as asked (tenant_id, id)
       on f.tenant_id = asked.tenant_id and f.id = asked.id
     where f.status = 'running'`,
  ),
];
