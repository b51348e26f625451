import type { Deps } from '../../context.ts';

/** Removes outbox rows that were given up once their flow has ended, and counts those that still need somebody. */
export async function sweepParked({ pool, log }: Deps): Promise<{ parked: number }> {
  const { rows } = await pool.query<{ parked: string }>('select app.sweep_parked_outbox() as parked');
  const parked = Number(rows[0]?.parked);
  if (parked > 0) log.error({ parked }, 'outbox rows are given up, and their flows have not ended');
  return { parked };
}
