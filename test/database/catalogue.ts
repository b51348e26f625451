import type { TestDatabase } from '../harness/database.ts';

type Key = { columns: string[]; parent: string | null; parentColumns: string[] | null };
type Policy = {
  name: string;
  roles: string[];
  command: string;
  permissive: boolean;
  using: string | null;
  check: string | null;
};

/** A table of schema app, as Postgres itself describes it. */
export type Table = {
  name: string;
  kind: string;
  rowSecurity: boolean;
  forced: boolean;
  invoker: boolean;
  columns: Record<string, { required: boolean }>;
  primaryKey: string[];
  foreignKeys: Key[];
  uniqueIndexes: { name: string; columns: string[] }[];
  policies: Policy[];
  /** What the application role may do with the table or any column of it. */
  privileges: string[];
  publicMay: boolean;
  /** Whether its rows go when their tenant is removed for good. */
  purgeable: boolean;
};

const names = (numbers: string, table: string) => `(
  select json_agg(a.attname order by named.place) from unnest(${numbers}) with ordinality as named (number, place)
  join pg_attribute a on a.attrelid = ${table} and a.attnum = named.number)`;

const query = `
  select c.relname as name, c.relkind as kind, c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as forced,
    coalesce('security_invoker=true' = any (c.reloptions), false) as invoker,
    (select json_object_agg(a.attname, json_build_object('required', a.attnotnull)) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select ${names('k.conkey', 'k.conrelid')} from pg_constraint k
      where k.conrelid = c.oid and k.contype = 'p') as "primaryKey",
    (select json_agg(json_build_object('columns', ${names('k.conkey', 'k.conrelid')}, 'parent', parent.relname,
        'parentColumns', ${names('k.confkey', 'k.confrelid')})
        order by k.conname)
      from pg_constraint k join pg_class parent on parent.oid = k.confrelid
      where k.conrelid = c.oid and k.contype = 'f') as "foreignKeys",
    (select json_agg(json_build_object('name', index.relname, 'columns',
        (select json_agg(pg_get_indexdef(i.indexrelid, n, true) order by n) from generate_series(1, i.indnkeyatts) n))
        order by index.relname)
      from pg_index i join pg_class index on index.oid = i.indexrelid
      where i.indrelid = c.oid and i.indisunique) as "uniqueIndexes",
    (select json_agg(json_build_object('name', p.policyname, 'roles', p.roles, 'command', p.cmd,
        'permissive', p.permissive = 'PERMISSIVE', 'using', p.qual, 'check', p.with_check))
      from pg_policies p where p.schemaname = 'app' and p.tablename = c.relname) as policies,
    (select json_agg(word) from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
        'TRIGGER']) as word
      where has_table_privilege('carillon_app', c.oid, word)
        or case when word in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
          then has_any_column_privilege('carillon_app', c.oid, word) end) as privileges,
    exists (select from aclexplode(c.relacl) where grantee = 0) as "publicMay",
    to_regprocedure(format('app.purge_%s(integer, integer)', c.relname)) is not null as purgeable
  from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
  order by c.relname`;

type Raw = { [Field in keyof Table]: Table[Field] | null };

export async function readCatalogue(sql: TestDatabase['sql']): Promise<Table[]> {
  const rows = await sql<Raw>(query);
  return rows.map(
    (row) =>
      ({
        ...row,
        primaryKey: row.primaryKey ?? [],
        foreignKeys: row.foreignKeys ?? [],
        uniqueIndexes: row.uniqueIndexes ?? [],
        policies: row.policies ?? [],
        privileges: row.privileges ?? [],
      }) as Table,
  );
}

/** The tables that belong to tenants, and those that do not. */
const globalTables = [
  'password_resets',
  'refresh_families',
  'refresh_tokens',
  'tenant_purges',
  'tenants',
  'user_answers',
  'user_windows',
  'users',
];
export const isTenantTable = (table: Table): boolean => table.kind === 'r' && !globalTables.includes(table.name);
