import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemAccess, systemFunction } from './tenant-table.ts';

/** Every page of the provider's at which an invoice could be paid, since more than one may be open at a time. */
const pages = [
  `alter table app.payment_pages
     -- Since when nobody is to pay there any more, and since when nobody can.
     add column ended_at timestamptz,
     add column closed_at timestamptz`,
  'drop index app.payment_pages__invoice_id',
  'create unique index payment_pages__url on app.payment_pages (tenant_id, url)',
  'create index payment_pages__by_invoice on app.payment_pages (tenant_id, invoice_id, id)',
  `create index payment_pages__to_close on app.payment_pages (tenant_id, id)
     where ended_at is not null and closed_at is null`,
];

/** What is left of them to the reconciler: the provider was away, or the process ended before it was asked. */
const left = [
  ...systemAccess('payment_pages', { select: ['tenant_id', 'connection_id', 'ended_at', 'closed_at', 'expires_at'] }),
  `grant select (status) on app.connections to ${SYSTEM_ROLE}`,
  ...systemFunction(
    'tenants_with_pages_to_close(batch integer)',
    'table (tenant_id integer)',
    `select distinct p.tenant_id from payment_pages p
     join connections c on c.tenant_id = p.tenant_id and c.id = p.connection_id
       and c.status = 'active' and c.deleted_at is null
     where p.ended_at is not null and p.closed_at is null and p.expires_at > clock_timestamp()
     order by p.tenant_id limit $1`,
  ),
];

export class OpenPages extends Migration {
  override up(): void {
    for (const sql of [...pages, ...borrowSystemRole, ...left, ...returnSystemRole]) this.addSql(sql);
  }
}
