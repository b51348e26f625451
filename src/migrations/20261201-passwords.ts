import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, SYSTEM_ROLE, systemAccess, systemFunction } from './tenant-table.ts';

const access = [
  `grant update (password_hash) on app.users to ${SYSTEM_ROLE}`,
  ...systemAccess('audit_log', {
    insert: ['tenant_id', 'id', 'actor_type', 'actor_id', 'action', 'target_type', 'target_id', 'fields', 'request_id'],
  }),
  `alter table app.refresh_families drop constraint refresh_families__end_reason,
     add constraint refresh_families__end_reason check (end_reason in ('logout', 'reuse', 'password'))`,
];

/**
 * A user is of no tenant, so it is written down in each of theirs, as far as there are ids for the entries. `of` is what
 * names the user, as `user_id`, and has one row or none.
 */
const noted = (of: string, action: string, by: { type: string; id: string }, ids: string, requestId: string) =>
  `noted as (
     insert into audit_log (tenant_id, id, actor_type, actor_id, action, target_type, target_id, fields, request_id)
     select theirs.tenant_id, (${ids})[theirs.n], ${by.type}, ${by.id}, '${action}', 'user', theirs.user_id::text,
       '{password}'::text[], ${requestId}
     from (
       select m.tenant_id, m.user_id, row_number() over (order by m.tenant_id) as n
       from ${of} join memberships m on m.user_id = ${of}.user_id join tenants t on t.id = m.tenant_id
       where t.deleted_at is null
     ) theirs
     where theirs.n <= cardinality(${ids})
   )`;

/** Every session that lives. Those that are past are swept, whose rows nobody should wait for. */
const sessionsEnded = `ended as (
     update refresh_families f set ended_at = clock_timestamp(), end_reason = 'password'
     from changed where f.user_id = changed.user_id and f.ended_at is null and f.expires_at > clock_timestamp()
   )`;

const family = (from: string, id: string, hash: string, life: string) =>
  `family as (
     insert into refresh_families (id, user_id, expires_at)
     select ${id}, ${from}.user_id, clock_timestamp() + ${life} from ${from} returning id
   ), token as (
     insert into refresh_tokens (hash, family_id) select ${hash}, family.id from family
   )`;

const passwords = [
  ...systemFunction(
    'credentials_of(user_id uuid)',
    'table (email text, name text, password_hash text)',
    'select u.email, u.name, u.password_hash from users u where u.id = $1',
  ),
  // With the password that was checked, or not at all: it may have been changed since.
  ...systemFunction(
    'open_session(family_id uuid, user_id uuid, password_hash text, hash bytea, life interval)',
    'boolean',
    `with holder as (
       select u.id as user_id from users u where u.id = $2 and u.password_hash = $3 for share
     ), ${family('holder', '$1', '$4', '$5')}
     select exists (select from family)`,
    'volatile',
  ),
  // Of two at once with the same old password the second one finds another. The user's row is locked before anything is
  // looked at: a sign-in under way has opened its session by then, or opens none.
  ...systemFunction(
    `change_password(user_id uuid, password_hash text, new_hash text, family_id uuid, hash bytea, life interval,
       entries uuid[], request_id text)`,
    'boolean',
    `select from users u where u.id = $1 for no key update;
     with changed as (
       update users u set password_hash = $3 where u.id = $1 and u.password_hash = $2 returning u.id as user_id
     ), ${sessionsEnded}, void as (
       delete from password_resets r using changed where r.user_id = changed.user_id
     ), ${family('changed', '$4', '$5', '$6')},
     ${noted('changed', 'password.change', { type: `'user'`, id: '$1::text' }, '$7', '$8')}
     select exists (select from changed)`,
    'volatile',
  ),
];

/** The last token that a user was given to choose a new password, as a hash. No process reaches the table itself. */
const resets = [
  `create table app.password_resets (
    user_id uuid primary key references app.users (id) on delete cascade,
    hash bytea not null constraint password_resets__hash unique,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null
  )`,
  'create index password_resets__past on app.password_resets (expires_at)',
  'alter table app.password_resets enable row level security',
  'alter table app.password_resets force row level security',
  ...systemAccess('password_resets', { select: [], insert: [], update: [], delete: [] }),
  ...systemFunction(
    `offer_password_reset(email text, hash bytea, life interval, actor_type text, actor_id text, entries uuid[],
       request_id text)`,
    'table (user_id uuid, expires_ms double precision)',
    `with offered as (
       insert into password_resets (user_id, hash, expires_at)
       select u.id, $2, clock_timestamp() + $3 from users u where u.email = lower($1)
       on conflict (user_id) do update
         set hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at
       returning password_resets.user_id, password_resets.expires_at
     ), ${noted('offered', 'password.offer_reset', { type: '$4', id: '$5' }, '$6', '$7')}
     select o.user_id, (extract(epoch from o.expires_at) * 1000)::double precision from offered o`,
    'volatile',
  ),
  ...systemFunction(
    'find_password_reset(hash bytea)',
    'table (email text, name text)',
    `select u.email, u.name from password_resets r join users u on u.id = r.user_id
     where r.hash = $1 and r.expires_at > clock_timestamp()`,
  ),
  // Locked first for the same reason as above.
  ...systemFunction(
    'use_password_reset(hash bytea, new_hash text, entries uuid[], request_id text)',
    'boolean',
    `select from users u join password_resets r on r.user_id = u.id where r.hash = $1 for no key update of u;
     with used as (
       delete from password_resets r where r.hash = $1 and r.expires_at > clock_timestamp() returning r.user_id
     ), changed as (
       update users u set password_hash = $2 from used where u.id = used.user_id returning u.id as user_id
     ), ${sessionsEnded},
     ${noted('changed', 'password.reset', { type: `'user'`, id: 'theirs.user_id::text' }, '$3', '$4')}
     select exists (select from changed)`,
    'volatile',
  ),
  ...systemFunction(
    'sweep_password_resets(batch integer)',
    'bigint',
    `with gone as (
       delete from password_resets r using (
         select c.user_id from password_resets c
         where c.expires_at < clock_timestamp() order by c.expires_at limit $1 for update skip locked
       ) past
       where r.user_id = past.user_id returning r.user_id
     )
     select count(*) from gone`,
    'volatile',
  ),
];

export class Passwords extends Migration {
  override up(): void {
    // The resets' table first: a function's body is checked when it is made.
    for (const sql of [...borrowSystemRole, ...access, ...resets, ...passwords, ...returnSystemRole]) this.addSql(sql);
  }
}
