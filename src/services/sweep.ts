import type { Deps } from '../context.ts';
import { reportParked } from './webhooks/parked.ts';

const BATCH = 1_000;

/**
 * What has had its time: buckets of recipients who have not been written to for a while, webhooks and events that nobody
 * repeats any more, answers whose idempotency keys have run out, and refresh
 * tokens that nobody can use.
 */
const past = [
  'sweep_send_buckets',
  'sweep_webhooks',
  'sweep_connection_events',
  'sweep_idempotent_answers',
  'sweep_user_answers',
  'sweep_refresh_families',
  'sweep_refresh_tokens',
  'sweep_password_resets',
] as const;

/** Removes what is past, and says which webhooks are given up. */
export async function sweep({ pool, log }: Pick<Deps, 'pool' | 'log'>): Promise<void> {
  for (const name of past) {
    for (let swept = BATCH; swept === BATCH;) {
      const { rows } = await pool.query<{ swept: string }>(`select app.${name}($1) as swept`, [BATCH]);
      swept = Number(rows[0]?.swept);
    }
  }
  await reportParked({ pool, log });
}
