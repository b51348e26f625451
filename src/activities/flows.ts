import { mendOverdueFlows } from '../services/flows/mend.ts';
import { createOrphanSearch } from '../services/flows/orphans.ts';
import { sweepParked } from '../services/flows/parked.ts';
import { settleDoubtful } from '../services/messages/doubtful.ts';
import { submitDrafts } from '../services/templates/drafts.ts';
import { sweepBuckets } from '../services/messages/sweep.ts';
import { sweepWebhooks } from '../services/webhooks/sweep.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: the reconciler's steps. */
export const createFlowActivities = (deps: ActivityDeps) => ({
  mendOverdueFlows: () => mendOverdueFlows(deps),
  sweepParked: () => sweepParked(deps),
  settleDoubtful: () => settleDoubtful(deps),
  stopOrphanedWorkflows: createOrphanSearch(deps),
  // The step has the name of what was swept first: histories know it by that.
  sweepBuckets: async () => {
    await sweepBuckets(deps);
    await sweepWebhooks(deps);
  },
  submitDrafts: () => submitDrafts(deps),
});

export type FlowActivities = ReturnType<typeof createFlowActivities>;
