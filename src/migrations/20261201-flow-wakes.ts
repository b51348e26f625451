import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

/**
 * What many invoices have to be told of: how far that has come. Newer ones have greater ids, since whoever writes them
 * holds the row whose change they tell of.
 */
const wakes = [
  ...tenantTable('flow_wakes', {
    id: 'id bigint generated always as identity',
    columns: [
      // Whose invoices; all of the tenant's, if null.
      'contact_id uuid',
      `after_id uuid not null default '00000000-0000-0000-0000-000000000000'`,
      'created_at timestamptz not null default clock_timestamp()',
    ],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert', 'update', 'delete'],
  }),
  // The next of them are found without reading those that have ended.
  `create index flows__running_invoices on app.flows (tenant_id, id) where kind = 'invoice' and status = 'running'`,
  ...systemAccess('flow_wakes', { select: ['tenant_id'] }),
  ...systemFunction(
    'tenants_with_wakes(batch integer)',
    'table (tenant_id integer)',
    'select distinct w.tenant_id from flow_wakes w order by w.tenant_id limit $1',
  ),
];

export class FlowWakes extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...wakes, ...returnSystemRole]) this.addSql(sql);
  }
}
