import { importBatch, type ImportProgress, type ImportRef } from '../services/imports/batch.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: imports of contacts. */
export const createImportActivities = (deps: ActivityDeps) => ({
  importBatch: (ref: ImportRef): Promise<ImportProgress> => importBatch(deps, ref),
});

export type ImportActivities = ReturnType<typeof createImportActivities>;
