import type { Pool } from 'pg';

export type TenantTable = {
  name: string;
  /** Whether its rows refer to rows of their own table, so that they can only be deleted together. */
  refersToItself: boolean;
};

/**
 * Every table with rows of tenants, those that refer to others before what they refer to, as Postgres itself knows them:
 * a table that is added to the schema is in the list without being written down in it.
 */
export async function tablesToEmpty(pool: Pool): Promise<TenantTable[]> {
  const { rows } = await pool.query<TenantTable>(`
    with recursive tables as (
      select c.oid, c.relname as name from pg_class c
      where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and exists (
          select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        )
    ), keys as (
      select distinct k.conrelid as child, k.confrelid as parent from pg_constraint k
      where k.contype = 'f' and k.conrelid in (select oid from tables) and k.confrelid in (select oid from tables)
    ), paths (oid, depth) as (
      select oid, 0 from tables
      union
      -- Keys that went in a circle would end here, and then be refused by Postgres.
      select k.child, p.depth + 1 from paths p join keys k on k.parent = p.oid and k.child <> k.parent
      where p.depth < (select count(*) from tables)
    )
    select t.name, exists (select from keys k where k.child = t.oid and k.parent = t.oid) as "refersToItself"
    from tables t join paths p on p.oid = t.oid
    group by t.oid, t.name order by max(p.depth) desc, t.name`);
  return rows;
}
