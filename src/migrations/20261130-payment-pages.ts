import { Migration } from '@mikro-orm/migrations';
import { tenantTable } from './tenant-table.ts';

/** Of each invoice the provider's page that a customer was led to last: whoever comes next is led there as well. */
const pages = tenantTable('payment_pages', {
  columns: [
    'invoice_id uuid not null',
    'connection_id uuid not null',
    // What can be paid there.
    'amount numeric(16, 4) not null',
    'url text not null',
    'expires_at timestamptz not null',
  ],
  unique: [['invoice_id']],
  references: [
    { column: 'invoice_id', table: 'invoices' },
    { column: 'connection_id', table: 'connections' },
  ],
  privileges: ['select', 'insert', 'update'],
});

export class PaymentPages extends Migration {
  override up(): void {
    for (const sql of pages) this.addSql(sql);
  }
}
