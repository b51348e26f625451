import { Migration } from '@mikro-orm/migrations';
import { tenantTable } from './tenant-table.ts';

const imports = [
  ...tenantTable('imports', {
    columns: [
      // The file as it came; gone when the import has ended.
      'file bytea',
      'hash bytea not null',
      'bytes integer not null',
      // Whether rows of contacts that exist already change them.
      'update_existing boolean not null default true',
      // How far it is, in bytes and lines of the file: where it goes on after a crash.
      'position integer not null default 0',
      'line integer not null default 0',
      'created integer not null default 0',
      'updated integer not null default 0',
      'unchanged integer not null default 0',
      'rejected integer not null default 0',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'ended_at timestamptz',
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  `alter table app.imports add constraint imports__flow foreign key (tenant_id, id) references app.flows (tenant_id, id)`,
  ...tenantTable('import_rejections', {
    columns: [
      'import_id uuid not null',
      'line integer not null',
      // [{path, message}], never a value.
      'errors jsonb not null',
    ],
    unique: [['import_id', 'line']],
    references: [{ column: 'import_id', table: 'imports' }],
    privileges: ['select', 'insert', 'delete'],
  }),
];

/** What a contact did, as the tenant tells it. */
const events = [
  ...tenantTable('contact_events', {
    columns: [
      'contact_id uuid not null',
      'name text not null',
      `properties jsonb not null default '{}'`,
      'at timestamptz not null default clock_timestamp()',
    ],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert', 'delete'],
  }),
  'create index contact_events__by_contact on app.contact_events (tenant_id, contact_id, name, id)',
];

export class Imports extends Migration {
  override up(): void {
    for (const sql of [...imports, ...events]) this.addSql(sql);
  }
}
