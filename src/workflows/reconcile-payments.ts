import { proxyActivities } from '@temporalio/workflow';
import type { ConnectionActivities } from '../activities/index.ts';

const activities = proxyActivities<ConnectionActivities>({
  startToCloseTimeout: '10m',
  retry: { maximumAttempts: 5, initialInterval: '30s' },
});

/** Asks payment providers for what they have reported and takes in what did not arrive. Started by a schedule, nightly. */
export async function reconcilePayments(): Promise<{ missed: number; failed: number }> {
  const sum = { missed: 0, failed: 0 };
  let after: string | null = null;
  do {
    const batch: Awaited<ReturnType<ConnectionActivities['reconcilePayments']>> =
      await activities.reconcilePayments(after);
    sum.missed += batch.missed;
    sum.failed += batch.failed;
    after = batch.next;
  } while (after !== null);
  return sum;
}
