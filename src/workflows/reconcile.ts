import { ApplicationFailure, log, patched, proxyActivities } from '@temporalio/workflow';
import type { FlowActivities } from '../activities/index.ts';

const activities = proxyActivities<FlowActivities>({
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '4m',
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
  /** Flows of deleted tenants. */
  deleted: number;
  /** Invoices that were told of a change of settings. */
  woken: number;
  /** Pages of the payment provider at which nobody is to pay any more. */
  closed: number;
};

/**
 * Compares the rows with the workflows and mends what differs. Started by a schedule; its result counts both. A step
 * that fails keeps no other from being tried, and the round then fails at its end, naming the steps.
 */
export async function reconcile(): Promise<Reconciled> {
  const failed: string[] = [];
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      log.error('a step of the reconciler failed', { step: name, error });
      failed.push(name);
      return undefined;
    }
  };

  const flows = await step('mendOverdueFlows', () => activities.mendOverdueFlows());
  const outbox = await step('sweepParked', () => activities.sweepParked());
  const messages = await step('settleDoubtful', () => activities.settleDoubtful());
  const workflows = await step('stopOrphanedWorkflows', () => activities.stopOrphanedWorkflows());
  await step('sweepBuckets', () => activities.sweepBuckets());
  // A round under way when this was deployed ends as it began.
  const templates = patched('submit-drafts')
    ? await step('submitDrafts', () => activities.submitDrafts())
    : { submitted: 0 };
  const tenants = patched('end-deleted-tenants')
    ? await step('endFlowsOfDeleted', () => activities.endFlowsOfDeleted())
    : { deleted: 0 };
  const wakes = patched('wake-rests') ? await step('wakeRests', () => activities.wakeRests()) : { woken: 0 };
  const pages = patched('close-ended-pages')
    ? await step('closeEndedPages', () => activities.closeEndedPages())
    : { closed: 0 };

  const nothing: Reconciled = {
    restarted: 0,
    ended: 0,
    failed: 0,
    parked: 0,
    lapsed: 0,
    doubtful: 0,
    stopped: 0,
    submitted: 0,
    deleted: 0,
    woken: 0,
    closed: 0,
  };
  const result = {
    ...nothing,
    ...flows,
    ...outbox,
    ...messages,
    ...workflows,
    ...templates,
    ...tenants,
    ...wakes,
    ...pages,
  };
  if (failed.length === 0) return result;
  throw ApplicationFailure.create({
    type: 'steps_failed',
    message: `Steps of this round failed: ${failed.join(', ')}`,
    nonRetryable: true,
    details: [result],
  });
}
