import { ApplicationFailure } from '@temporalio/common';
import { isDatabaseAway } from '../database.ts';
import type { Logger } from '../log.ts';

type ActivityMap<T> = { [K in keyof T]: T[K] };

/**
 * What an activity throws stands in the workflow's history for everybody who may open the UI, and messages of foreign
 * errors can quote what they failed on. So the history gets a word, and the log gets the (masked) error.
 */
export function failSafely<T extends object>(log: Logger, activities: ActivityMap<T>): ActivityMap<T> {
  const wrapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (run as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        throw toFailure(error, name, log);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as ActivityMap<T>;
}

function toFailure(error: unknown, activity: string, log: Logger): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const away = isDatabaseAway(error);
  log[away ? 'warn' : 'error']({ err: error, activity }, 'an activity failed');
  const failure = ApplicationFailure.create({
    type: away ? 'database_unavailable' : 'internal_error',
    message: away ? 'Postgres could not be reached' : 'Unexpected error; the log has it',
  });
  delete failure.stack;
  return failure;
}

/** Not now: Temporal tries again after that long. Nothing is wrong, so it counts as no error. */
export const notYet = (waitMs: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'not_yet',
    message: 'The message waits for its next try',
    nextRetryDelay: waitMs,
    category: 'BENIGN',
  });
