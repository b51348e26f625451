import { Migration } from '@mikro-orm/migrations';
import { borrowSystemRole, returnSystemRole, systemAccess, systemFunction } from './tenant-table.ts';

/** What a user has asked for in the window that runs, in one row each. A user is of no tenant: functions alone reach it. */
const windows = [
  `create table app.user_windows (
    user_id uuid primary key references app.users (id) on delete cascade,
    window_start timestamptz not null,
    granted integer not null
  )`,
  'alter table app.user_windows enable row level security',
  'alter table app.user_windows force row level security',
  ...systemAccess('user_windows', { select: [], insert: [], update: [] }),
  // Grants the next requests, as `services/quota.ts` takes them for tenants; null where the window has no more.
  ...systemFunction(
    'grant_user_requests(user_id uuid, batch integer, window_seconds integer, at_most integer)',
    'table (granted integer, seconds_left double precision)',
    `with this as materialized (
       select to_timestamp(floor(extract(epoch from clock_timestamp()) / $3) * $3) as starts
     ), taken as (
       insert into user_windows as w (user_id, window_start, granted) select $1, this.starts, $2 from this
       on conflict (user_id) do update set
         window_start = excluded.window_start,
         granted = $2 + case when w.window_start = excluded.window_start then w.granted else 0 end
       where w.window_start < excluded.window_start
         or (w.window_start = excluded.window_start and w.granted < $4)
       returning w.granted
     )
     select (select taken.granted from taken),
       extract(epoch from this.starts - clock_timestamp())::double precision + $3
     from this`,
    'volatile',
  ),
];

/** A deleted tenant counts for as long as it may come back. */
const owned = systemFunction(
  'owned_tenants(user_id uuid, restorable interval)',
  'integer',
  `select count(*)::integer from memberships m join tenants t on t.id = m.tenant_id
   where m.user_id = $1 and m.role = 'owner'
     and (t.deleted_at is null or t.deleted_at > clock_timestamp() - $2)`,
);

export class UserLimits extends Migration {
  override up(): void {
    for (const sql of [...borrowSystemRole, ...windows, ...owned, ...returnSystemRole]) this.addSql(sql);
  }
}
