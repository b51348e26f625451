import { mendOverdueFlows } from '../services/flows/mend.ts';
import { stopOrphanedWorkflows } from '../services/flows/orphans.ts';
import { sweepBuckets } from '../services/messages/sweep.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: the reconciler's steps. */
export const createFlowActivities = (deps: ActivityDeps) => ({
  mendOverdueFlows: () => mendOverdueFlows(deps),
  stopOrphanedWorkflows: () => stopOrphanedWorkflows(deps),
  sweepBuckets: () => sweepBuckets(deps),
});

export type FlowActivities = ReturnType<typeof createFlowActivities>;
