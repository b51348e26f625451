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
      // Lines that were taken, but not all of what they say.
      'warned integer not null default 0',
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'ended_at timestamptz',
    ],
    privileges: ['select', 'insert', 'update'],
  }),
  `alter table app.imports add constraint imports__flow foreign key (tenant_id, id) references app.flows (tenant_id, id)`,
  // Read slice by slice, which a compressed value does not allow.
  'alter table app.imports alter column file set storage external',
  // The same file twice at a time is a mistake.
  'create unique index imports__running on app.imports (tenant_id, hash) where ended_at is null',
  ...tenantTable('import_phones', {
    columns: [
      'import_id uuid not null',
      // Which phones the file has named so far, as MACs, to find those that it names twice.
      'phone_mac text not null',
      'line integer not null',
    ],
    unique: [['import_id', 'phone_mac']],
    references: [{ column: 'import_id', table: 'imports' }],
    privileges: ['select', 'insert', 'delete'],
  }),
  ...tenantTable('import_rejections', {
    columns: [
      'import_id uuid not null',
      'line integer not null',
      `severity text not null constraint import_rejections__severity check (severity in ('rejected', 'warning'))`,
      // [{path, message}], never a value.
      'errors jsonb not null',
    ],
    unique: [['import_id', 'line']],
    references: [{ column: 'import_id', table: 'imports' }],
    privileges: ['select', 'insert', 'delete'],
  }),
];

/**
 * A file goes when its flow ends, whoever ends it: the workflow, somebody who cancels it, or the reconciler. It runs with
 * the rights and the tenant of that transaction.
 */
const ending = [
  `create function app.end_import() returns trigger language plpgsql set search_path = app, pg_temp as $$
   begin
     update imports i set file = null, ended_at = new.ended_at, updated_at = clock_timestamp()
     where i.tenant_id = new.tenant_id and i.id = new.id and i.ended_at is null;
     delete from import_phones p where p.tenant_id = new.tenant_id and p.import_id = new.id;
     return null;
   end $$`,
  `create trigger flows__end_import after update of status on app.flows for each row
   when (old.status = 'running' and new.status <> 'running' and new.kind = 'import')
   execute function app.end_import()`,
];

/**
 * What lists of contacts are filtered by. Row security lets an index answer only comparisons that cannot leak, such as
 * those of plain columns: an expression or a look into JSON would read every contact of the tenant.
 */
const filters = [
  `alter table app.contacts
     add column email_folded text generated always as (lower(email)) stored,
     ${['transactional', 'reminders', 'marketing']
       .map((topic) => `add column opted_in_${topic} boolean generated always as ${optedIn(topic)} stored`)
       .join(', ')}`,
  'create index contacts__by_email on app.contacts (tenant_id, email_folded) where email_folded is not null',
  ...['transactional', 'reminders', 'marketing'].map(
    (topic) => `create index contacts__in_${topic} on app.contacts (tenant_id, id) where opted_in_${topic}`,
  ),
];

function optedIn(topic: string): string {
  return `(coalesce(consents #>> '{${topic},allowed}' = 'true', false))`;
}

/** A no outlives the row that it was said to: how the removed and the erased rows of a phone are found. */
const refusals = [
  'alter table app.contacts add column phone_mac text',
  'create index contacts__erased on app.contacts (tenant_id, phone_mac) where phone_mac is not null',
  'create index contacts__removed on app.contacts (tenant_id, phone) where deleted_at is not null',
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
  'create index contact_events__by_contact on app.contact_events (tenant_id, contact_id, id)',
];

/** Which phones a contact had before: what else they left has to be found when it is erased. */
const formerPhones = [
  ...tenantTable('former_phones', {
    columns: ['contact_id uuid not null', 'phone text not null'],
    unique: [['contact_id', 'phone']],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert', 'delete'],
  }),
  `create function app.keep_former_phone() returns trigger language plpgsql set search_path = app, pg_temp as $$
   begin
     insert into former_phones (tenant_id, id, contact_id, phone)
     values (old.tenant_id, gen_random_uuid(), old.id, old.phone) on conflict (tenant_id, contact_id, phone) do nothing;
     return null;
   end $$`,
  `create trigger contacts__keep_former_phone after update of phone on app.contacts for each row
   when (old.phone <> new.phone) execute function app.keep_former_phone()`,
];

export class Imports extends Migration {
  override up(): void {
    for (const sql of [...imports, ...ending, ...filters, ...refusals, ...events, ...formerPhones]) this.addSql(sql);
  }
}
