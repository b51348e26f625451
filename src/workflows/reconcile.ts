import { proxyActivities } from '@temporalio/workflow';
import type { FlowActivities } from '../activities/index.ts';

const activities = proxyActivities<FlowActivities>({
  startToCloseTimeout: '2m',
  retry: { maximumAttempts: 3 },
});

/** Compares the rows with the workflows and mends what differs. Started by a schedule; its result counts both. */
export async function reconcile(): Promise<{ restarted: number; ended: number; stopped: number }> {
  const rows = await activities.mendOverdueFlows();
  const workflows = await activities.stopOrphanedWorkflows();
  await activities.sweepBuckets();
  return { ...rows, ...workflows };
}
