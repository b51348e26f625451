import { randomUUIDv7 } from 'node:crypto';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { insertion, newRows, type Row } from './rows.ts';

/** A session as the application role, below everything that the product does. */
export async function openSession(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const inTenant = async <T>(tenantId: number | undefined, end: string, work: () => Promise<T>): Promise<T> => {
    await client.query('begin');
    try {
      if (tenantId !== undefined)
        await client.query(`select set_config('app.tenant_id', $1, true)`, [String(tenantId)]);
      const result = await work();
      await client.query(end);
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
  return {
    client,
    /** Runs a statement for good. */
    run: (tenantId: number, text: string, values: unknown[] = []) =>
      inTenant(tenantId, 'commit', () => client.query(text, values)),
    /** How many rows a statement would touch, or the SQLSTATE that refuses it. Nothing of it stays. */
    async attempt(tenantId: number | undefined, text: string, values: unknown[] = []): Promise<number | string> {
      try {
        return (await inTenant(tenantId, 'rollback', () => client.query(text, values))).rowCount ?? 0;
      } catch (error) {
        return (error as { code?: string }).code ?? String(error);
      }
    },
    end: () => client.end(),
  };
}

export type Session = Awaited<ReturnType<typeof openSession>>;
export type Side = { id: number; userId: string; rows: Row[] };

/** A database with two tenants, each of which has put one row into every table itself. */
export async function createTwoTenants() {
  const database: TestDatabase = await createDatabase();
  const session = await openSession(database.appUrl);
  const make = async (id: number): Promise<Side> => {
    const userId = await newUser(database);
    await session.run(id, `insert into app.tenants (id, slug, name, plan) values ($1, $2, 'T', 'starter')`, [
      id,
      `t${id}`,
    ]);
    const rows = newRows(id, userId);
    for (const row of rows) {
      const { text, values } = insertion(row);
      await session.run(id, text, values);
    }
    return { id, userId, rows };
  };
  return { database, session, a: await make(1), b: await make(2) };
}

export async function newUser({ sql }: TestDatabase): Promise<string> {
  const id = randomUUIDv7();
  await sql(`insert into app.users (id, email, name, password_hash) values ($1, $2, 'U', '')`, [id, `${id}@x.test`]);
  return id;
}

/** A digest of every row that a tenant has, in any table. */
export async function digestOf({ sql }: Pick<TestDatabase, 'sql'>, tenantId: number): Promise<string> {
  const tables = await sql<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'app' and column_name = 'tenant_id' order by 1`,
  );
  const all = tables.map(({ name }) => `select '${name}' || t::text as row from app.${name} t where t.tenant_id = $1`);
  const [digest] = await sql<{ md5: string }>(
    `select md5(string_agg(row, ',' order by row)) as md5 from (${all.join(' union all ')}
       union all select 'tenants' || t::text from app.tenants t where t.id = $1) rows`,
    [tenantId],
  );
  return digest?.md5 ?? '';
}
