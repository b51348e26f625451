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

/** A database of the test file's own: copied from the migrated template, or with `migrated: false` an empty one. */
export async function createDatabase({
  migrated = true,
  superuserUrl = readShared().superuserUrl,
}: { migrated?: boolean; superuserUrl?: string | undefined } = {}): Promise<TestDatabase> {
  const database = `t_${randomUUID().replaceAll('-', '')}`;
  const urls = await oneAtATime(superuserUrl, async (admin) => {
    const template = migrated ? `template ${TEMPLATE}` : '';
    await admin.query(`create database ${database} ${template} owner carillon_owner`);
    return createRolesAndDatabase({ superuserUrl, database, ...passwords });
  });
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

/** Files that copy the template, or alter the server's roles, at the same time would get in each other's way. */
async function oneAtATime<T>(superuserUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  try {
    await admin.query(`select pg_advisory_lock(hashtext('carillon template'))`);
    return await work(admin);
  } finally {
    await admin.end();
  }
}
