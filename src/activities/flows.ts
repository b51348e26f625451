import { mendOverdueFlows } from '../services/flows/mend.ts';
import { createOrphanSearch } from '../services/flows/orphans.ts';
import { sweepParked } from '../services/flows/parked.ts';
import { closeEndedPages } from '../services/invoices/close-pages.ts';
import { settleDoubtful } from '../services/messages/doubtful.ts';
import { wakeRests } from '../services/reminders/wake-rest.ts';
import { endFlowsOfDeleted } from '../services/tenants/end-flows.ts';
import { submitDrafts } from '../services/templates/drafts.ts';
import { sweep } from '../services/sweep.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: the reconciler's steps. */
export const createFlowActivities = (deps: ActivityDeps) => ({
  mendOverdueFlows: () => mendOverdueFlows(deps),
  sweepParked: () => sweepParked(deps),
  settleDoubtful: () => settleDoubtful(deps),
  stopOrphanedWorkflows: createOrphanSearch(deps),
  // The step has the name of what was swept first: histories know it by that.
  sweepBuckets: () => sweep(deps),
  submitDrafts: () => submitDrafts(deps),
  endFlowsOfDeleted: () => endFlowsOfDeleted(deps),
  wakeRests: () => wakeRests(deps),
  closeEndedPages: () => closeEndedPages(deps),
});

export type FlowActivities = ReturnType<typeof createFlowActivities>;
