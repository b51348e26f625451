import { mendOverdueFlows } from '../services/flows/mend.ts';
import { stopOrphanedWorkflows } from '../services/flows/orphans.ts';
import { sweepParked } from '../services/flows/parked.ts';
import { settleDoubtful } from '../services/messages/doubtful.ts';
import { sweepBuckets } from '../services/messages/sweep.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: the reconciler's steps. */
export const createFlowActivities = (deps: ActivityDeps) => ({
  mendOverdueFlows: () => mendOverdueFlows(deps),
  sweepParked: () => sweepParked(deps),
  settleDoubtful: () => settleDoubtful(deps),
  stopOrphanedWorkflows: () => stopOrphanedWorkflows(deps),
  sweepBuckets: () => sweepBuckets(deps),
});

export type FlowActivities = ReturnType<typeof createFlowActivities>;
