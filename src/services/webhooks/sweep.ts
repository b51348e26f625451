import type { Deps } from '../../context.ts';
import { reportParked } from './parked.ts';

const BATCH = 1_000;

/** Removes webhooks that have been applied and that nobody repeats any more, and says which are given up. */
export async function sweepWebhooks({ pool, log }: Pick<Deps, 'pool' | 'log'>): Promise<void> {
  for (const sweep of ['sweep_webhooks', 'sweep_connection_events']) {
    for (let swept = BATCH; swept === BATCH;) {
      const { rows } = await pool.query<{ swept: string }>(`select app.${sweep}($1) as swept`, [BATCH]);
      swept = Number(rows[0]?.swept);
    }
  }
  await reportParked({ pool, log });
}
