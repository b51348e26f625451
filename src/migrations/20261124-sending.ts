import { Migration } from '@mikro-orm/migrations';
import { outbox } from './20261124-sending-outbox.ts';
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
