import { proxyActivities } from '@temporalio/workflow';
import type { TenantActivities } from '../activities/index.ts';

const activities = proxyActivities<TenantActivities>({
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 5, initialInterval: '30s' },
});

/** As many steps as a history should hold. What is left then, the next night goes on with. */
const STEPS = 2_000;

type Purged = { tenants: number; rows: number; held: number; failed: number };

/** Removes tenants that were deleted longer ago than they can be restored. Started by a schedule, nightly. */
export async function purgeTenants(): Promise<Purged> {
  const sum: Purged = { tenants: 0, rows: 0, held: 0, failed: 0 };
  let after: number | null = 0;
  for (let n = 0; n < STEPS && after !== null; n += 1) {
    const step: Awaited<ReturnType<TenantActivities['purgeTenants']>> = await activities.purgeTenants(after);
    for (const word of ['tenants', 'rows', 'held', 'failed'] as const) sum[word] += step[word];
    after = step.next;
  }
  return sum;
}
