import { mendOverdueFlows } from '../services/flows/mend.ts';
import { stopOrphanedWorkflows } from '../services/flows/orphans.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: the reconciler's two halves. */
export const createFlowActivities = (deps: ActivityDeps) => ({
  mendOverdueFlows: () => mendOverdueFlows(deps),
  stopOrphanedWorkflows: () => stopOrphanedWorkflows(deps),
});

export type FlowActivities = ReturnType<typeof createFlowActivities>;
