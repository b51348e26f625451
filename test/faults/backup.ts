import { readFileSync } from 'node:fs';
import pg from 'pg';
import { readShared } from '../harness/shared.ts';
import type { Stack } from '../harness/stack.ts';

/** A stack's database as it is at one moment. Processes that use it must have stopped, and do so for the way back. */
export async function backUp(stack: Stack): Promise<{ restore: () => Promise<void> }> {
  const database = new URL(stack.database.appUrl).pathname.slice(1);
  const backup = `${database}_backup`;
  await copy(database, backup);
  return { restore: () => copy(backup, database) };
}

/** Copies one database over another. */
async function copy(from: string, to: string): Promise<void> {
  await asRole(readShared().superuserUrl, async (admin) => {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname in ($1, $2)`, [from, to]);
    await admin.query(`drop database if exists ${to}`);
    await admin.query(`create database ${to} template ${from} owner carillon_owner`);
  });
}

/** What an operator runs when the rows are older than the last message that left. */
export const afterRestore = (url: string): Promise<unknown> =>
  asRole(url, (client) =>
    client.query(readFileSync(new URL('../../ops/postgres/after-restore.sql', import.meta.url), 'utf8')),
  );

async function asRole<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The reconciler asks about a flow a minute after something should have happened. */
export const overdue = (stack: Stack, id: string): Promise<unknown> =>
  stack.database.sql(`update app.flows set next_action_at = clock_timestamp() - interval '2 minutes' where id = $1`, [
    id,
  ]);
