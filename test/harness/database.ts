import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createRolesAndDatabase } from '../../scripts/roles.ts';
import { passwords, readShared, TEMPLATE } from './shared.ts';

export type TestDatabase = {
  ownerUrl: string;
  appUrl: string;
  superuserUrl: string;
  /** Runs SQL as the superuser, past row security: how a test looks at, or moves, what no caller can. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

/** A database of the test file's own, copied from the migrated template. */
export async function createDatabase(): Promise<TestDatabase> {
  const { superuserUrl } = readShared();
  const database = `t_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  try {
    // Two files that copy the template at the same time would get in each other's way.
    await admin.query(`select pg_advisory_lock(hashtext('carillon template'))`);
    await admin.query(`create database ${database} template ${TEMPLATE} owner carillon_owner`);
  } finally {
    await admin.end();
  }
  const urls = await createRolesAndDatabase({ superuserUrl, database, ...passwords });
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  const pool = new pg.Pool({ connectionString: url.toString(), max: 4 });
  pool.on('error', () => undefined);
  return {
    ...urls,
    superuserUrl: url.toString(),
    async sql<Row>(text: string, values: unknown[] = []) {
      return (await pool.query(text, values)).rows as Row[];
    },
    close: () => pool.end(),
  };
}
