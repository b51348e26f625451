import { patched, proxyActivities } from '@temporalio/workflow';
import type { FlowActivities } from '../activities/index.ts';

const activities = proxyActivities<FlowActivities>({
  startToCloseTimeout: '2m',
  retry: { maximumAttempts: 3 },
});

/** What a round has mended, and what it has found that only a person can judge. */
type Reconciled = {
  restarted: number;
  ended: number;
  failed: number;
  parked: number;
  lapsed: number;
  doubtful: number;
  stopped: number;
  submitted: number;
};

/** Compares the rows with the workflows and mends what differs. Started by a schedule; its result counts both. */
export async function reconcile(): Promise<Reconciled> {
  const flows = await activities.mendOverdueFlows();
  const outbox = await activities.sweepParked();
  const messages = await activities.settleDoubtful();
  const workflows = await activities.stopOrphanedWorkflows();
  await activities.sweepBuckets();
  // A round under way when this was deployed ends as it began.
  const { submitted } = patched('submit-drafts') ? await activities.submitDrafts() : { submitted: 0 };
  return { ...flows, ...outbox, ...messages, ...workflows, submitted };
}
