import pg from 'pg';
import type { Stack } from './stack.ts';

export type Hold = { release(): Promise<void> };

/** Runs a statement that locks, and stays in its transaction: whoever wants what it holds stands still at that point. */
export async function hold(stack: Stack, text: string, values: unknown[]): Promise<Hold> {
  const client = new pg.Client({ connectionString: stack.database.superuserUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(text, values);
  return { release: () => client.end() };
}

/** How many statements of the product wait for a lock. */
export async function stuck(stack: Stack): Promise<number> {
  const [row] = await stack.database.sql<{ count: number }>(
    `select count(*)::integer as count from pg_stat_activity
     where wait_event_type = 'Lock' and datname = current_database()`,
  );
  return row?.count ?? 0;
}
