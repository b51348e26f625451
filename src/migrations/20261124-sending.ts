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
  `create index flows__overdue on app.flows (next_action_at) where status = 'running'`,
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
      'created_at timestamptz not null default clock_timestamp()',
    ],
    references: [{ column: 'flow_id', table: 'flows' }],
    privileges: ['select', 'insert', 'delete'],
  }),
  'create index outbox__due on app.outbox (id, available_at)',
  'create index outbox__by_flow on app.outbox (flow_id, id)',
  ...systemAccess('outbox', {
    select: [],
    update: ['available_at', 'leased_until', 'attempts'],
    delete: [],
  }),
  // A row waits for its predecessor of the same flow: a signal must not overtake the start.
  ...systemFunction(
    'lease_outbox(batch integer, lease interval)',
    `table (tenant_id integer, id bigint, operation text, kind text, flow_id uuid, signal text, args jsonb, attempts integer, age_ms integer)`,
    `update outbox o set leased_until = clock_timestamp() + $2, attempts = o.attempts + 1
     from (
       select c.tenant_id, c.id from outbox c
       where c.available_at <= clock_timestamp()
         and (c.leased_until is null or c.leased_until <= clock_timestamp())
         and not exists (select from outbox p where p.flow_id = c.flow_id and p.id < c.id)
       order by c.id limit $1 for update skip locked
     ) due
     where o.tenant_id = due.tenant_id and o.id = due.id
     returning o.tenant_id, o.id, o.operation, o.kind, o.flow_id, o.signal, o.args, o.attempts,
       (extract(epoch from clock_timestamp() - o.created_at) * 1000)::integer`,
    'volatile',
  ),
  ...systemFunction('complete_outbox(ids bigint[])', 'void', `delete from outbox o where o.id = any ($1)`, 'volatile'),
  ...systemFunction(
    'postpone_outbox(id bigint, delay interval)',
    'void',
    `update outbox o set available_at = clock_timestamp() + $2, leased_until = null where o.id = $1`,
    'volatile',
  ),
  // A signal that waits for its flow says nothing about how far starts lag behind.
  ...systemFunction(
    'outbox_backlog()',
    'table (waiting bigint, oldest_ms double precision)',
    `select count(*), coalesce(extract(epoch from clock_timestamp() - min(o.created_at)) * 1000, 0)
     from outbox o where o.operation = 'start'`,
  ),
  // Overdue flows that no outbox row is about to move: the reconciler asks Temporal about each.
  ...systemFunction(
    'overdue_flows(grace interval, batch integer)',
    'table (tenant_id integer, id uuid, kind text)',
    `select f.tenant_id, f.id, f.kind from flows f
     where f.status = 'running' and f.next_action_at < clock_timestamp() - $1
       and not exists (select from outbox o where o.flow_id = f.id)
     order by f.next_action_at limit $2`,
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
  `create index messages__by_provider on app.messages (tenant_id, provider_id) where provider_id is not null`,
  `create index messages__in_doubt on app.messages (settle_at) where status in ('sending', 'unknown')`,
  ...systemAccess('messages', { select: ['tenant_id', 'id', 'kind', 'status', 'settle_at'] }),
  ...systemFunction(
    'doubtful_messages()',
    'table (kind text, status text, waiting bigint)',
    `select m.kind, m.status, count(*) from messages m
     where m.status in ('sending', 'unknown') and m.settle_at < clock_timestamp() group by 1, 2`,
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
  ...systemAccess('send_buckets', { select: ['next_at'], delete: [] }),
  // A bucket that is full again says nothing.
  ...systemFunction(
    'sweep_send_buckets()',
    'void',
    `delete from send_buckets b where b.next_at < clock_timestamp()`,
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
      'client_ip inet',
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
  'create index otps__by_client on app.otps (tenant_id, client_ip, created_at desc) where client_ip is not null',
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
