import type { Deps } from '../../context.ts';

const BATCH = 1_000;

/** Removes what pacing no longer needs: the buckets of recipients who have not been written to for a while. */
export async function sweepBuckets({ pool }: Deps): Promise<void> {
  for (let swept = BATCH; swept === BATCH;) {
    const { rows } = await pool.query<{ swept: string }>('select app.sweep_send_buckets($1) as swept', [BATCH]);
    swept = Number(rows[0]?.swept);
  }
}
