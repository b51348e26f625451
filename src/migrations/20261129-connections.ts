import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

/** Shops and payment providers of a tenant, each of which reports to an address of its own. */
const connections = [
  ...tenantTable('connections', {
    columns: [
      `platform text not null constraint connections__platform check (platform in ('shopify', 'woocommerce', 'stripe'))`,
      'name text not null',
      // The platform's own name for the account, where it is known.
      'account_id text',
      // Refused: the platform does not take its access token any more.
      `status text not null default 'active' constraint connections__status check (status in ('active', 'refused'))`,
      // Sealed with the key ring: {access_token}, absent where nobody gave one, and what webhooks are checked by,
      // {secret, previous}. The previous one counts until the instant beside it.
      'credentials jsonb',
      'verification jsonb not null',
      'previous_until timestamptz',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
    ],
    softDelete: true,
    privileges: ['select', 'insert', 'update'],
  }),
  ...systemAccess('connections', {
    select: ['tenant_id', 'id', 'platform', 'account_id', 'verification', 'previous_until', 'deleted_at'],
  }),
  'create unique index connections__id on app.connections (id)',
  ...systemFunction(
    'webhook_connection(connection_id uuid)',
    'table (tenant_id integer, platform text, account_id text, verification jsonb, overlap boolean)',
    `select c.tenant_id, c.platform, c.account_id, c.verification,
       coalesce(c.previous_until > clock_timestamp(), false)
     from connections c join tenants t on t.id = c.tenant_id
     where c.id = $1 and c.deleted_at is null and t.deleted_at is null`,
  ),
  ...systemFunction(
    'living_connections(platform text, after uuid, batch integer)',
    'table (tenant_id integer, id uuid)',
    `select c.tenant_id, c.id from connections c join tenants t on t.id = c.tenant_id
     where c.platform = $1 and c.id > $2 and c.deleted_at is null and t.deleted_at is null order by c.id limit $3`,
  ),
  ...systemFunction(
    'tenants_with_connections()',
    'table (tenant_id integer)',
    'select distinct c.tenant_id from connections c order by c.tenant_id',
  ),
];

/** What a connection reported, by the platform's own id of the event: each is applied once, in the transaction that takes it in. */
const events = [
  ...tenantTable('connection_events', {
    columns: [
      'connection_id uuid not null',
      'event_id text not null',
      'type text not null',
      'body_hash bytea not null',
      'received_at timestamptz not null default clock_timestamp()',
      'applied_at timestamptz',
      'outcome text',
      // The platform's ids of what it is about: one payment is reported by several events, under several of them.
      `objects text[] not null default '{}'`,
      'invoice_id uuid',
      // Of a refund that came before its payment: all that has gone back of it so far.
      'amount numeric(16, 4)',
    ],
    unique: [['connection_id', 'event_id']],
    references: [
      { column: 'connection_id', table: 'connections' },
      { column: 'invoice_id', table: 'invoices' },
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index connection_events__by_invoice on app.connection_events (tenant_id, invoice_id) where invoice_id is not null',
  `create index connection_events__waiting on app.connection_events (tenant_id, connection_id)
     where outcome = 'awaiting_payment'`,
  'create index connection_events__past on app.connection_events (received_at) where invoice_id is null',
  ...systemAccess('connection_events', {
    select: ['tenant_id', 'id', 'received_at', 'invoice_id', 'outcome'],
    delete: [],
  }),
  // Stripe repeats an event for three days. What is about an invoice stays: its payments are known by it.
  ...systemFunction(
    'sweep_connection_events(batch integer)',
    'bigint',
    `with gone as (
       delete from connection_events e using (
         select c.tenant_id, c.id from connection_events c
         where c.received_at < clock_timestamp() - interval '30 days' and c.invoice_id is null
           and c.outcome <> 'awaiting_payment'
         order by c.received_at limit $1
       ) past
       where e.tenant_id = past.tenant_id and e.id = past.id
       returning e.id
     )
     select count(*) from gone`,
    'volatile',
  ),
];

export class Connections extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...connections, ...events, ...returnSystemRole]) this.addSql(sql);
  }
}
