import type pg from 'pg';
import type { Flight } from './sql-flights.ts';

/** How often Postgres was waited for with these statements, and the transactions that were committed with them. */
export type Counted = { flights: number; commits: number };
export type SqlCounts = ReturnType<typeof createSqlCounts>;

/**
 * Counts flights by what they ask. A statement outside of a transaction commits by itself, if it has written: one that
 * changed rows has, and a SELECT of a function that may write, if it answers a row other than that it did 0.
 */
export function createSqlCounts() {
  const counts = new Map<string, Counted & { perhaps: number }>();
  return {
    note({ what, answers }: Flight): void {
      const count = counts.get(what) ?? { flights: 0, commits: 0, perhaps: 0 };
      count.flights += 1;
      for (const { tag, inBlock, value } of answers) {
        if (tag === 'COMMIT' || (!inBlock && /^(INSERT|UPDATE|DELETE|MERGE) .*[1-9]\d*$/.test(tag))) count.commits += 1;
        else if (!inBlock && /^SELECT [1-9]/.test(tag) && value !== '0') count.perhaps += 1;
      }
      counts.set(what, count);
    },
    /** What was counted so far, by what was asked. `writers`: names of the functions that may write. */
    read: (writers: Set<string>): Record<string, Counted> =>
      Object.fromEntries(
        [...counts].map(([what, { flights, commits, perhaps }]) => [
          what,
          { flights, commits: commits + (writers.has(what.replace(/^select /, '')) ? perhaps : 0) },
        ]),
      ),
  };
}

/** The functions of ours that Postgres lets write. */
export async function writingFunctions(database: pg.Pool): Promise<Set<string>> {
  const { rows } = await database.query<{ name: string }>(
    `select p.proname as name from pg_proc p where p.pronamespace = 'app'::regnamespace and p.provolatile = 'v'`,
  );
  return new Set(rows.map(({ name }) => name));
}
