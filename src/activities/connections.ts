import { reconcilePayments } from '../services/connections/stripe/reconcile.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows` that look after connections. */
export const createConnectionActivities = (deps: ActivityDeps) => ({
  reconcilePayments: (after: string | null) => reconcilePayments(deps, after),
});

export type ConnectionActivities = ReturnType<typeof createConnectionActivities>;
