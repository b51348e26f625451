import { Migration } from '@mikro-orm/migrations';
import {
  borrowSystemRole,
  purgeable,
  returnSystemRole,
  SYSTEM_ROLE,
  systemAccess,
  systemFunction,
} from './tenant-table.ts';

/** For so long a deleted tenant can be restored. */
const RESTORABLE = `interval '30 days'`;

/** What is left of a tenant that was removed for good: that it was, and when. No process reaches the table itself. */
const purges = [
  `create table app.tenant_purges (
    -- The tenant's, which is never given to another.
    id integer primary key,
    deleted_at timestamptz not null,
    -- From here on it cannot be restored any more.
    begun_at timestamptz not null default clock_timestamp(),
    purged_at timestamptz,
    removed bigint not null default 0
  )`,
  'alter table app.tenant_purges enable row level security',
  'alter table app.tenant_purges force row level security',
  ...systemAccess('tenant_purges', { select: [], insert: [], update: [] }),
  `grant update (updated_at), delete on app.tenants to ${SYSTEM_ROLE}`,
  ...systemFunction(
    'tenant_purge_begun(tenant_id integer)',
    'boolean',
    'select exists (select from tenant_purges p where p.id = $1)',
  ),
  // `held`: something of it still runs, or Temporal is still to be told that it ended.
  ...systemFunction(
    'due_tenant_purges(after integer, batch integer)',
    'table (tenant_id integer, held boolean)',
    `select t.id,
       exists (select from flows f where f.tenant_id = t.id and f.status = 'running')
         or exists (select from outbox o where o.tenant_id = t.id and o.parked_at is null)
     from tenants t
     where t.deleted_at is not null and t.deleted_at < clock_timestamp() - ${RESTORABLE} and t.id > $1
     order by t.id limit $2`,
  ),
  // Whoever restores holds the tenant's row as well: one of the two comes first, and the other one sees it.
  ...systemFunction(
    'begin_tenant_purge(tenant_id integer)',
    'boolean',
    `with due as (
       select t.id, t.deleted_at from tenants t
       where t.id = $1 and t.deleted_at < clock_timestamp() - ${RESTORABLE} for update
     ), begun as (
       insert into tenant_purges (id, deleted_at) select due.id, due.deleted_at from due on conflict (id) do nothing
     )
     select exists (select from due)`,
    'volatile',
  ),
  // Last of all, and refused for as long as any row of any table refers to the tenant.
  ...systemFunction(
    'finish_tenant_purge(tenant_id integer)',
    'boolean',
    `with gone as (
       delete from tenants t using tenant_purges p
       where t.id = $1 and p.id = t.id and p.purged_at is null returning t.id
     ), finished as (
       update tenant_purges p set purged_at = clock_timestamp() from gone where p.id = gone.id returning p.id
     )
     select exists (select from finished)`,
    'volatile',
  ),
];

/** Tables of which the system role has seen nothing so far; of a tenant that is purged it sees the keys. */
const unseen = [
  'contact_consents',
  'contact_events',
  'contact_tags',
  'contacts',
  'conversations',
  'former_phones',
  'import_phones',
  'import_rejections',
  'imports',
  'inbound_messages',
  'invoice_payments',
  'invoices',
  'mail_refusals',
  'message_statuses',
  'otps',
  'reminders',
  'usage_events',
];
const seen = [
  'alerts',
  'api_keys',
  'audit_log',
  'channels',
  'connection_events',
  'connections',
  'flow_wakes',
  'flows',
  'idempotent_answers',
  'invitations',
  'memberships',
  'message_attempts',
  'messages',
  'outbox',
  'payment_pages',
  'send_buckets',
  'templates',
  'webhook_inbox',
];

/** Keys are deleted all together: for each Postgres looks whether another one was replaced by it. */
const replaced = `create index api_keys__replaced_by on app.api_keys (tenant_id, replaced_by)
  where replaced_by is not null`;

export class Purge extends Migration {
  override up(): void {
    for (const sql of [
      ...borrowSystemRole,
      ...purges,
      replaced,
      ...unseen.flatMap((table) => purgeable(table)),
      ...seen.flatMap((table) => purgeable(table, { seen: true })),
      ...purgeable('rate_windows', { key: ['subject', 'window_start'] }),
      ...returnSystemRole,
    ]) {
      this.addSql(sql);
    }
  }
}
