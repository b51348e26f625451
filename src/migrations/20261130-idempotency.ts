import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

/**
 * Answers to requests that came with an `Idempotency-Key`. A row is written by the transaction that does the work, and
 * can only be read by whoever has the key: it is found by an HMAC of it, and sealed under a key derived from it.
 */
const answers = [
  ...tenantTable('idempotent_answers', {
    columns: [
      'key_mac text not null',
      // Of the method, the path and the body: the same key for something else is a mistake.
      'request_mac text not null',
      'status integer not null',
      'answer jsonb not null',
      // HMACs of the ids, phones and addresses in it, by which an erase finds what names a person.
      'mentions text[] not null',
      'created_at timestamptz not null default clock_timestamp()',
    ],
    unique: [['key_mac']],
    privileges: ['select', 'insert', 'delete'],
  }),
  'create index idempotent_answers__mentions on app.idempotent_answers using gin (mentions)',
  'create index idempotent_answers__past on app.idempotent_answers (created_at)',
  ...systemAccess('idempotent_answers', { select: ['tenant_id', 'id', 'created_at'], delete: [] }),
  ...systemFunction(
    'sweep_idempotent_answers(batch integer)',
    'bigint',
    `with gone as (
       delete from idempotent_answers a using (
         select c.tenant_id, c.id from idempotent_answers c
         where c.created_at < clock_timestamp() - interval '24 hours' order by c.created_at limit $1
       ) past
       where a.tenant_id = past.tenant_id and a.id = past.id
       returning a.id
     )
     select count(*) from gone`,
    'volatile',
  ),
];

export class Idempotency extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...answers, ...returnSystemRole]) this.addSql(sql);
  }
}
