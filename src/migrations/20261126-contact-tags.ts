import { Migration } from '@mikro-orm/migrations';
import { tenantTable } from './tenant-table.ts';

/**
 * The tags of contacts, one row for each, kept in step by a trigger. Row security lets an index answer only comparisons
 * that cannot leak: to look into an array of tags would read every contact of the tenant.
 */
const tags = [
  ...tenantTable('contact_tags', {
    id: 'id uuid not null default gen_random_uuid()',
    columns: ['contact_id uuid not null', 'tag text not null'],
    unique: [['tag', 'contact_id']],
    references: [{ column: 'contact_id', table: 'contacts' }],
    privileges: ['select', 'insert', 'delete'],
  }),
  // It runs with the rights and the tenant of whoever writes the contact.
  `create function app.keep_tags() returns trigger language plpgsql set search_path = app, pg_temp as $$
   begin
     if tg_op = 'UPDATE' then
       delete from contact_tags t
       where t.tenant_id = new.tenant_id and t.contact_id = new.id and t.tag = any (old.tags)
         and not t.tag = any (new.tags);
     end if;
     insert into contact_tags (tenant_id, contact_id, tag)
     select new.tenant_id, new.id, tag from unnest(new.tags) as tag on conflict (tenant_id, tag, contact_id) do nothing;
     return null;
   end $$`,
  `create trigger contacts__keep_tags after insert on app.contacts for each row when (new.tags <> '{}')
   execute function app.keep_tags()`,
  `create trigger contacts__keep_changed_tags after update of tags on app.contacts for each row
   when (old.tags <> new.tags) execute function app.keep_tags()`,
  'drop index app.contacts__tags',
];

/** Of the contacts that there are already. Row security binds the owner too, so it steps aside for the copy. */
const copy = [
  'alter table app.contacts no force row level security',
  'alter table app.contact_tags no force row level security',
  `insert into app.contact_tags (tenant_id, contact_id, tag)
   select distinct c.tenant_id, c.id, tag from app.contacts c, unnest(c.tags) as tag`,
  'alter table app.contacts force row level security',
  'alter table app.contact_tags force row level security',
];

export class ContactTags extends Migration {
  override up(): void {
    for (const sql of [...tags, ...copy]) this.addSql(sql);
  }
}
