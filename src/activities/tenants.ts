import { purgeTenants } from '../services/tenants/purge.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows` that look after tenants. */
export const createTenantActivities = (deps: ActivityDeps) => ({
  purgeTenants: (after: number) => purgeTenants(deps, after),
});

export type TenantActivities = ReturnType<typeof createTenantActivities>;
