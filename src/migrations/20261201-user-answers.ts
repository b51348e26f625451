import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction } from './tenant-table.ts';

/**
 * Answers to requests of users that came with an `Idempotency-Key`, where no tenant is known yet: as `idempotent_answers`,
 * with the user in the place of the tenant.
 */
const answers = [
  `create table app.user_answers (
    user_id uuid not null references app.users (id) on delete cascade,
    key_mac text not null,
    request_mac text not null,
    status integer not null,
    answer jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (user_id, key_mac)
  )`,
  'create index user_answers__past on app.user_answers (created_at)',
  'alter table app.user_answers enable row level security',
  'alter table app.user_answers force row level security',
  ...systemAccess('user_answers', { select: [], insert: [], update: [], delete: [] }),
  ...systemFunction(
    'find_user_answer(user_id uuid, key_macs text[], kept interval)',
    'table (request_mac text, status integer, answer jsonb)',
    `select a.request_mac, a.status, a.answer from user_answers a
     where a.user_id = $1 and a.key_mac = any ($2) and a.created_at >= clock_timestamp() - $3`,
  ),
  // In the way can only be one that has had its time: whoever keeps has looked, and holds the lock of the key.
  ...systemFunction(
    'keep_user_answer(user_id uuid, key_mac text, request_mac text, status integer, answer jsonb)',
    'void',
    `insert into user_answers (user_id, key_mac, request_mac, status, answer) values ($1, $2, $3, $4, $5)
     on conflict (user_id, key_mac) do update set
       request_mac = excluded.request_mac, status = excluded.status, answer = excluded.answer,
       created_at = excluded.created_at`,
    'volatile',
  ),
  ...systemFunction(
    'sweep_user_answers(batch integer)',
    'bigint',
    `with gone as (
       delete from user_answers a using (
         select c.user_id, c.key_mac from user_answers c
         where c.created_at < clock_timestamp() - interval '24 hours' order by c.created_at limit $1
       ) past
       where a.user_id = past.user_id and a.key_mac = past.key_mac
       returning a.user_id
     )
     select count(*) from gone`,
    'volatile',
  ),
];

export class UserAnswers extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...answers, ...returnSystemRole]) this.addSql(sql);
  }
}
