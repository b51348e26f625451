import type pg from 'pg';
import { aliveMb, residentMb, sqliteBytes } from './memory.ts';
import type { Stack } from './stack.ts';

/** Memory at rest and bytes on the disk while so many invoices sleep. */
export type InvoiceLevel = {
  invoices: number;
  apiMb: number;
  workerMb: number;
  /** Of it, what is alive in its heaps: the rest is code, and what V8 keeps for garbage to come. */
  workerAliveMb: number;
  temporalMb: number;
  databaseBytes: number;
  temporalBytes: number;
};

export async function levelOf(stack: Stack, database: pg.Pool, invoices: number): Promise<InvoiceLevel> {
  const { api = NaN, worker = NaN, temporal = NaN } = stack.pids;
  const mb = await residentMb({ api, worker, temporal });
  await database.query('checkpoint');
  const { rows } = await database.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  return {
    invoices,
    apiMb: mb.api,
    workerMb: mb.worker,
    workerAliveMb: await aliveMb(worker),
    temporalMb: mb.temporal,
    databaseBytes: Number(rows[0]?.bytes),
    temporalBytes: sqliteBytes(stack.temporal.file),
  };
}

/** From the fewest invoices that sleep to the most: what everything weighs without any is in none of it. */
export function growthOf(levels: InvoiceLevel[]) {
  const [none, fewest, most] = [levels[0], levels[1], levels.at(-1)];
  if (!none || !fewest || !most) throw new Error('--invoices takes at least one number');
  const from = fewest === most ? none : fewest;
  const each = (bytes: 'databaseBytes' | 'temporalBytes') =>
    Math.round((most[bytes] - from[bytes]) / (most.invoices - from.invoices));
  return {
    databaseBytes: each('databaseBytes'),
    temporalBytes: each('temporalBytes'),
    workerMbRatio: ratio(most.workerMb, fewest.workerMb),
    workerAliveMbRatio: ratio(most.workerAliveMb, fewest.workerAliveMb),
  };
}

const ratio = (most: number, fewest: number): number => Math.round((most / fewest) * 100) / 100;
