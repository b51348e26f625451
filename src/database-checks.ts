import type { Pool } from 'pg';
import { migrationNames } from './migrations/names.ts';

/** Refuses a role that row security does not bind: one mistaken setting would undo the isolation of all tenants. */
export async function assertBound(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ bound: boolean }>(`
    select not (rolsuper or rolbypassrls)
      and not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'app' and c.relowner = r.oid)
      and not pg_has_role(r.rolname, 'app_system', 'usage') as bound
    from pg_roles r where rolname = current_user`);
  if (!rows[0]?.bound) {
    throw new UnboundRoleError('DATABASE_URL must log in as a role that row security binds, such as carillon_app');
  }
}

export class UnboundRoleError extends Error {
  override name = 'UnboundRoleError';
}

/** Refuses flows for which time was skipped, in a demo say: they would send what is due years from now. */
export async function assertRealTime(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ skipped: boolean }>('select app.time_was_skipped() as skipped');
  if (rows[0]?.skipped) throw new SkippedTimeError('Flows run for which time was skipped (flows.clock_offset)');
}

export class SkippedTimeError extends Error {
  override name = 'SkippedTimeError';
}

/** Refuses a schema that is older than this build. A newer one is fine: a deploy migrates before it restarts. */
export async function assertMigrated(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>('select name from public.carillon_migrations');
  const done = new Set(rows.map(({ name }) => name));
  const missing = migrationNames.filter((name) => !done.has(name));
  if (missing.length > 0) throw new Error(`The database lacks migrations (npm run migrate): ${missing.join(', ')}`);
}
