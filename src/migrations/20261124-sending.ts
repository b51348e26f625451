import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

const flows = [
  ...tenantTable('flows', {
    columns: [
      'kind text not null',
      `status text not null default 'running'
        constraint flows__status check (status in ('running', 'completed', 'failed', 'cancelled'))`,
      'stage text not null',
      'outcome text',
      'next_action text',
      'next_action_at timestamptz',
      // What a flow calls now is the clock plus this: zero outside of skipped time.
      `clock_offset interval not null default '0'`,
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'ended_at timestamptz',
      `constraint flows__ended check ((status = 'running') = (ended_at is null))`,
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index flows__by_kind on app.flows (tenant_id, kind, status, id)',
  'create index flows__by_status on app.flows (tenant_id, status, id)',
  `create index flows__overdue on app.flows (next_action_at, id) where status = 'running'`,
  ...systemAccess('flows', { select: ['tenant_id', 'id', 'kind', 'status', 'next_action_at', 'created_at'] }),
];

const outbox = [
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

const channels = [
  ...tenantTable('channels', {
    columns: [
      `type text not null constraint channels__type check (type in ('whatsapp'))`,
      'name text not null',
      'sandbox boolean not null',
      `status text not null default 'active' constraint channels__status check (status in ('active', 'paused'))`,
      'phone_number_id text not null',
      'waba_id text not null',
      // Sealed with the key ring: {access_token}, and what webhooks are checked by, {app_secret, verify_token}.
      'credentials jsonb not null',
      'verification jsonb not null',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
    ],
    unique: [['phone_number_id']],
    softDelete: true,
    privileges: ['select', 'insert', 'update'],
  }),
  ...systemAccess('channels', { select: ['tenant_id', 'id', 'verification', 'deleted_at'] }),
  ...systemFunction(
    'webhook_channel(channel_id uuid)',
    'table (tenant_id integer, verification jsonb)',
    `select c.tenant_id, c.verification from channels c join tenants t on t.id = c.tenant_id
     where c.id = $1 and c.deleted_at is null and t.deleted_at is null`,
  ),
  'create unique index channels__id on app.channels (id)',
];

const messages = [
  ...tenantTable('messages', {
    columns: [
      'key text not null',
      'kind text not null',
      'flow_id uuid',
      'channel_id uuid not null',
      'recipient text not null',
      `content jsonb not null default '{}'`,
      `status text not null default 'queued' constraint messages__status check (status in
        ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled', 'expired'))`,
      'attempts integer not null default 0',
      'fence integer not null default 0',
      'lease_until timestamptz',
      'settle_at timestamptz',
      'latest_useful_at timestamptz',
      'provider_id text',
      'error_code integer',
      'error_verdict text',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'sent_at timestamptz',
    ],
    unique: [['key']],
    references: [
      { column: 'flow_id', table: 'flows' },
      { column: 'channel_id', table: 'channels' },
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index messages__by_flow on app.messages (tenant_id, flow_id, created_at)',
  `create index messages__in_doubt on app.messages (status, settle_at) where status in ('sending', 'unknown')`,
  ...systemAccess('messages', {
    select: ['tenant_id', 'id', 'kind', 'status', 'lease_until', 'settle_at'],
    update: ['status', 'lease_until', 'updated_at'],
  }),
  // A sender that died, and a workflow that did not live to ask: nobody can tell whether the message went out.
  ...systemFunction(
    'lapse_messages()',
    'bigint',
    `with lapsed as (
       update messages m set status = 'unknown', lease_until = null, updated_at = clock_timestamp()
       from (
         select c.tenant_id, c.id from messages c
         where c.status = 'sending' and c.settle_at <= clock_timestamp() and c.lease_until <= clock_timestamp()
         for update skip locked
       ) dead
       where m.tenant_id = dead.tenant_id and m.id = dead.id
       returning m.id
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
       and m.settle_at between clock_timestamp() - interval '1 day' and clock_timestamp() group by 1`,
  ),
  ...tenantTable('message_statuses', {
    columns: [
      'message_id uuid not null',
      'status text not null',
      'at timestamptz not null',
      'received_at timestamptz not null default clock_timestamp()',
      'error_code integer',
    ],
    unique: [['message_id', 'status']],
    references: [{ column: 'message_id', table: 'messages' }],
    privileges: ['select', 'insert'],
  }),
];

/** When the next token of a bucket is due, by `number/<channel>` and `recipient/<channel>/<phone>`. */
const buckets = [
  ...tenantTable('send_buckets', {
    id: 'id text not null',
    columns: ['next_at timestamptz not null'],
    privileges: ['select', 'insert', 'update', 'delete'],
  }),
  'create index send_buckets__full on app.send_buckets (next_at)',
  ...systemAccess('send_buckets', { select: ['tenant_id', 'id', 'next_at'], update: ['next_at'], delete: [] }),
  // A bucket that is full again says nothing. One that a claim holds is left: to wait for it could be a deadlock.
  ...systemFunction(
    'sweep_send_buckets(batch integer)',
    'bigint',
    `with gone as (
       delete from send_buckets b using (
         select c.tenant_id, c.id from send_buckets c where c.next_at < clock_timestamp()
         order by c.next_at limit $1 for update skip locked
       ) full_again
       where b.tenant_id = full_again.tenant_id and b.id = full_again.id
       returning b.next_at
     )
     select count(*) from gone`,
    'volatile',
  ),
];

const otps = [
  ...tenantTable('otps', {
    columns: [
      'phone text not null',
      'purpose text not null',
      `status text not null default 'pending' constraint otps__status check (status in
        ('pending', 'verified', 'expired', 'locked', 'cancelled', 'undeliverable'))`,
      'kid text not null',
      'code_mac bytea not null',
      'attempts integer not null default 0 constraint otps__attempts check (attempts between 0 and 5)',
      // One instant for each time a send was asked for: counts the resends and feeds the budgets.
      'asked_at timestamptz[] not null',
      'expires_at timestamptz not null',
      'resend_available_at timestamptz not null',
      'locale text not null',
      'created_at timestamptz not null default clock_timestamp()',
      'settled_at timestamptz',
      `constraint otps__settled check ((status = 'pending') = (settled_at is null))`,
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  `alter table app.otps add constraint otps__flow foreign key (tenant_id, id) references app.flows (tenant_id, id)`,
  `create unique index otps__one_pending on app.otps (tenant_id, phone, purpose) where status = 'pending'`,
  'create index otps__by_phone on app.otps (tenant_id, phone, purpose, created_at desc)',
];

export class Sending extends Migration {
  override up(): void {
    for (const sql of [
      ...borrowSystemRole,
      ...flows,
      ...channels,
      ...messages,
      ...buckets,
      ...otps,
      ...outbox,
      ...returnSystemRole,
    ]) {
      this.addSql(sql);
    }
  }
}
