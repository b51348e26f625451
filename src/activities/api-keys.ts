import { retireKey, type KeyRef, type Retirement } from '../services/api-keys/retire.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: API keys. */
export const createApiKeyActivities = (deps: ActivityDeps) => ({
  retireKey: (ref: KeyRef): Promise<Retirement> => retireKey(deps, ref),
});

export type ApiKeyActivities = ReturnType<typeof createApiKeyActivities>;
