import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

/** Signed webhooks as they came, keyed by their content: what is in here is never lost and never applied twice. */
const inbox = [
  ...tenantTable('webhook_inbox', {
    columns: [
      'channel_id uuid not null',
      'hash bytea not null',
      // Gone once it has been applied: what it said stands in rows then.
      'body bytea',
      'received_at timestamptz not null default clock_timestamp()',
      'attempts integer not null default 0',
      'leased_until timestamptz',
      'applied_at timestamptz',
      // Given up after too many attempts; a person has to look at it.
      'parked_at timestamptz',
      'unreadable integer not null default 0',
    ],
    unique: [['channel_id', 'hash']],
    references: [{ column: 'channel_id', table: 'channels' }],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index webhook_inbox__due on app.webhook_inbox (id) where applied_at is null and parked_at is null',
  // Most bodies are gone: who looks for a phone in those that are left must not walk over all of them.
  'create index webhook_inbox__bodies on app.webhook_inbox (tenant_id, id) where body is not null',
  'create index webhook_inbox__given_up on app.webhook_inbox (tenant_id, id) where parked_at is not null',
  'create index webhook_inbox__past on app.webhook_inbox (received_at)',
  ...systemAccess('webhook_inbox', {
    select: ['tenant_id', 'id', 'received_at', 'attempts', 'leased_until', 'applied_at', 'parked_at'],
    update: ['leased_until', 'attempts', 'parked_at'],
    delete: [],
  }),
  // Leased for the process that took it in first: `grace` is how long that one has.
  ...systemFunction(
    'lease_webhooks(batch integer, lease interval, grace interval)',
    'table (tenant_id integer, id uuid, attempts integer)',
    `update webhook_inbox w set leased_until = clock_timestamp() + $2, attempts = w.attempts + 1
     from (
       select c.tenant_id, c.id from webhook_inbox c
       where c.applied_at is null and c.parked_at is null and c.received_at <= clock_timestamp() - $3
         and (c.leased_until is null or c.leased_until <= clock_timestamp())
       order by c.id limit $1 for update skip locked
     ) due
     where w.tenant_id = due.tenant_id and w.id = due.id
     returning w.tenant_id, w.id, w.attempts`,
    'volatile',
  ),
  // Meta repeats a delivery for up to seven days: for so long its hash has to be known.
  ...systemFunction(
    'sweep_webhooks(batch integer)',
    'bigint',
    `with gone as (
       delete from webhook_inbox w using (
         select c.tenant_id, c.id from webhook_inbox c
         where c.received_at < clock_timestamp() - interval '8 days' and c.applied_at is not null
         order by c.received_at limit $1 for update skip locked
       ) past
       where w.tenant_id = past.tenant_id and w.id = past.id
       returning w.id
     )
     select count(*) from gone`,
    'volatile',
  ),
  ...systemFunction(
    'count_parked_webhooks()',
    'bigint',
    'select count(*) from webhook_inbox where parked_at is not null',
  ),
  // Whose they are, for whoever looks after them; what they say is read as each tenant.
  ...systemFunction(
    'parked_webhooks(batch integer)',
    'table (tenant_id integer, id uuid)',
    'select w.tenant_id, w.id from webhook_inbox w where w.parked_at is not null order by w.tenant_id, w.id limit $1',
  ),
  ...systemFunction(
    'tenants_with_parked_webhooks()',
    'table (tenant_id integer)',
    'select distinct w.tenant_id from webhook_inbox w where w.parked_at is not null order by w.tenant_id',
  ),
];

const inbound = [
  ...tenantTable('inbound_messages', {
    columns: [
      'channel_id uuid not null',
      'contact_id uuid',
      'phone text',
      'provider_id text not null',
      'type text not null',
      'text text',
      // What stands behind the button or list row that was tapped.
      'payload text',
      'reaction text',
      // Our message that it answers, where the provider names one.
      'message_id uuid',
      `effect text constraint inbound_messages__effect check (effect in ('opt_out', 'opt_in'))`,
      'at timestamptz not null',
      'received_at timestamptz not null default clock_timestamp()',
      `webhook_hash bytea not null default ''`,
    ],
    unique: [['channel_id', 'provider_id']],
    references: [
      { column: 'channel_id', table: 'channels' },
      { column: 'contact_id', table: 'contacts' },
      { column: 'message_id', table: 'messages' },
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index inbound_messages__by_contact on app.inbound_messages (tenant_id, contact_id, id)',
  'create index inbound_messages__by_message on app.inbound_messages (tenant_id, message_id) where message_id is not null',
];

export class Inbox extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...inbox, ...inbound, ...returnSystemRole]) this.addSql(sql);
  }
}
