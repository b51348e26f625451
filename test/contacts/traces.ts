import type { TestDatabase } from '../harness/database.ts';

type Column = { table: string; column: string; type: string };

/**
 * Where in the database any of some words stands: every column of every table is looked through as text, bytes as the
 * text that they may hold. `exceptTenants` are left out.
 */
export async function tracesOf(
  { sql }: Pick<TestDatabase, 'sql'>,
  words: string[],
  { exceptTenants = [] as number[] } = {},
): Promise<string[]> {
  const columns = await sql<Column>(
    `select c.table_name as table, c.column_name as column, c.data_type as type
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'app' and t.table_type = 'BASE TABLE' order by 1, c.ordinal_position`,
  );
  const tenantTables = new Set(columns.filter(({ column }) => column === 'tenant_id').map(({ table }) => table));
  const found: string[] = [];
  for (const { table, column, type } of columns) {
    const text = type === 'bytea' ? `encode(${column}, 'escape')` : `${column}::text`;
    const others = tenantTables.has(table) ? 'tenant_id <> all ($1)' : '$1::integer[] is not null';
    const rows = await sql<{ value: string }>(
      `select ${text} as value from app.${table} where ${others} and ${column} is not null`,
      [exceptTenants],
    );
    for (const { value } of rows) {
      for (const word of words) if (value.includes(word)) found.push(`${table}.${column}: ${word}`);
    }
  }
  return found;
}
