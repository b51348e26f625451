import type { Deps } from '../../context.ts';

/** Removes what pacing no longer needs: the buckets of recipients who have not been written to for a while. */
export async function sweepBuckets({ pool }: Deps): Promise<void> {
  await pool.query('select app.sweep_send_buckets()');
}
