import { Migration } from '@mikro-orm/migrations';
import { tenantTable } from './tenant-table.ts';

const contacts = [
  ...tenantTable('contacts', {
    columns: [
      // Nobody's number any more once the contact is erased.
      'phone text',
      'first_name text',
      'last_name text',
      'email text',
      'timezone text',
      'locale text',
      `tags text[] not null default '{}'`,
      `attributes jsonb not null default '{}'`,
      // By topic: {allowed, source, at}. The history stands in contact_consents.
      `consents jsonb not null default '{}'`,
      'created_at timestamptz not null default clock_timestamp()',
      'updated_at timestamptz not null default clock_timestamp()',
      'erased_at timestamptz',
      'constraint contacts__phone_or_erased check ((phone is null) = (erased_at is not null))',
    ],
    unique: [['phone']],
    softDelete: true,
    privileges: ['select', 'insert', 'update'],
  }),
  'create index contacts__tags on app.contacts using gin (tags)',
  ...tenantTable('contact_consents', {
    columns: [
      'contact_id uuid not null',
      `topic text not null constraint contact_consents__topic
        check (topic in ('transactional', 'reminders', 'marketing'))`,
      'allowed boolean not null',
      'source text not null',
      'at timestamptz not null default clock_timestamp()',
    ],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert'],
  }),
  'create index contact_consents__history on app.contact_consents (tenant_id, contact_id, at)',
];

export class Contacts extends Migration {
  override up(): void {
    for (const sql of contacts) this.addSql(sql);
  }
}
