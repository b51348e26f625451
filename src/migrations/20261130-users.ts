import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction, tenantTable } from './tenant-table.ts';

/** What one sign-in was exchanged for, token by token. They live and die together. No process reaches the tables itself. */
const sessions = [
  `create table app.refresh_families (
    id uuid primary key,
    user_id uuid not null references app.users (id) on delete cascade,
    created_at timestamptz not null default clock_timestamp(),
    -- Moved on by each exchange, up to a limit from the sign-in on.
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text constraint refresh_families__end_reason check (end_reason in ('logout', 'reuse'))
  )`,
  `create table app.refresh_tokens (
    hash bytea primary key,
    family_id uuid not null references app.refresh_families (id) on delete cascade,
    created_at timestamptz not null default clock_timestamp(),
    used_at timestamptz,
    -- The hash of what it was exchanged for.
    successor bytea
  )`,
  'create index refresh_families__user on app.refresh_families (user_id)',
  'create index refresh_families__past on app.refresh_families (expires_at)',
  'create index refresh_tokens__family on app.refresh_tokens (family_id)',
  'create index refresh_tokens__past on app.refresh_tokens (used_at) where used_at is not null',
  ...['refresh_families', 'refresh_tokens'].flatMap((table) => [
    `alter table app.${table} enable row level security`,
    `alter table app.${table} force row level security`,
    ...systemAccess(table, { select: [], insert: [], update: [], delete: [] }),
  ]),
  ...systemFunction(
    'open_refresh_family(family_id uuid, user_id uuid, hash bytea, life interval)',
    'void',
    `with family as (
       insert into refresh_families (id, user_id, expires_at) values ($1, $2, clock_timestamp() + $4) returning id
     )
     insert into refresh_tokens (hash, family_id) select $3, family.id from family`,
    'volatile',
  ),
  /*
   * Exchanges a token for its successor. `again`: it was exchanged within the grace, and the successor is the one that
   * it was exchanged for. `reused`: later than that, so somebody else has it too, and the family has ended now.
   */
  ...systemFunction(
    'rotate_refresh_token(hash bytea, successor bytea, grace interval, life interval, limit_of_family interval)',
    'table (verdict text, user_id uuid, family_id uuid)',
    `with known as (
       select t.hash, t.used_at, t.successor, f.id as family_id, f.user_id, f.created_at as since,
         f.ended_at is null and f.expires_at > clock_timestamp() as alive
       from refresh_tokens t join refresh_families f on f.id = t.family_id
       where t.hash = $1 for update of t, f
     ), judged as (
       select k.*, case
           when not k.alive then 'ended'
           when k.used_at is null then 'fresh'
           when k.used_at <= clock_timestamp() - $3 then 'reused'
           when k.successor = $2 then 'again'
           else 'ended' end as verdict
       from known k
     ), used as (
       update refresh_tokens t set used_at = clock_timestamp(), successor = $2
       from judged j where j.verdict = 'fresh' and t.hash = j.hash
     ), next as (
       insert into refresh_tokens (hash, family_id) select $2, j.family_id from judged j where j.verdict = 'fresh'
     ), family as (
       update refresh_families f set
         expires_at = case j.verdict when 'fresh' then least(clock_timestamp() + $4, j.since + $5) else f.expires_at end,
         ended_at = case j.verdict when 'reused' then clock_timestamp() else f.ended_at end,
         end_reason = case j.verdict when 'reused' then 'reuse' else f.end_reason end
       from judged j where j.verdict in ('fresh', 'reused') and f.id = j.family_id
     )
     select j.verdict, j.user_id, j.family_id from judged j`,
    'volatile',
  ),
  ...systemFunction(
    'end_refresh_family(hash bytea)',
    'void',
    `update refresh_families f set ended_at = clock_timestamp(), end_reason = 'logout'
     from refresh_tokens t where t.hash = $1 and f.id = t.family_id and f.ended_at is null`,
    'volatile',
  ),
  ...systemFunction(
    'sweep_refresh_families(batch integer)',
    'bigint',
    `with gone as (
       delete from refresh_families f using (
         select c.id from refresh_families c where c.expires_at < clock_timestamp() order by c.expires_at limit $1
       ) past
       where f.id = past.id returning f.id
     )
     select count(*) from gone`,
    'volatile',
  ),
  // Whoever still had one of these has long lost the family by not using it.
  ...systemFunction(
    'sweep_refresh_tokens(batch integer)',
    'bigint',
    `with gone as (
       delete from refresh_tokens t using (
         select c.hash from refresh_tokens c
         where c.used_at < clock_timestamp() - interval '30 days' order by c.used_at limit $1
       ) past
       where t.hash = past.hash returning t.hash
     )
     select count(*) from gone`,
    'volatile',
  ),
];

const users = [
  ...systemFunction(
    'user_profile(user_id uuid)',
    'table (id uuid, email text, name text, platform_admin boolean, created_at timestamptz)',
    `select u.id, u.email, u.name, u.platform_admin, u.created_at from users u where u.id = $1`,
  ),
  // Of users who are members of the tenant, and of no others.
  ...systemFunction(
    'member_profiles(tenant_id integer, user_ids uuid[])',
    'table (id uuid, email text, name text)',
    `select u.id, u.email, u.name from users u join memberships m on m.user_id = u.id
     where m.tenant_id = $1 and u.id = any ($2)`,
  ),
];

const invitations = [
  ...tenantTable('invitations', {
    columns: [
      'email text not null',
      `role text not null constraint invitations__role check (role in ('owner', 'admin', 'member', 'viewer'))`,
      // Of the token, which is in the first answer and nowhere else.
      'token_hash bytea not null',
      'invited_by uuid not null references app.users (id)',
      'created_at timestamptz not null default clock_timestamp()',
      'expires_at timestamptz not null',
      'accepted_at timestamptz',
      'accepted_by uuid references app.users (id)',
      'revoked_at timestamptz',
    ],
    unique: [['token_hash']],
    privileges: ['select', 'insert', 'update'],
  }),
  'create index invitations__token on app.invitations (token_hash)',
  `create index invitations__open on app.invitations (tenant_id, email)
     where accepted_at is null and revoked_at is null`,
  ...systemAccess('invitations', { select: ['tenant_id', 'id', 'token_hash'] }),
  ...systemFunction(
    'find_invitation(token_hash bytea)',
    'table (tenant_id integer, id uuid)',
    `select i.tenant_id, i.id from invitations i join tenants t on t.id = i.tenant_id
     where i.token_hash = $1 and t.deleted_at is null`,
  ),
];

const tenants = [
  'create index tenants__deleted on app.tenants (id) where deleted_at is not null',
  ...systemFunction(
    'deleted_tenants_with_flows(batch integer)',
    'table (tenant_id integer)',
    `select t.id from tenants t
     where t.deleted_at is not null
       and exists (select from flows f where f.tenant_id = t.id and f.status = 'running')
     order by t.id limit $1`,
  ),
];

export class Users extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...sessions, ...users, ...invitations, ...tenants, ...returnSystemRole]) {
      this.addSql(sql);
    }
  }
}
