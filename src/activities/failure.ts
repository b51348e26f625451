import { ApplicationFailure, type ApplicationFailureOptions } from '@temporalio/common';
import { isDatabaseAway } from '../database.ts';
import { activityInfo } from '@temporalio/activity';
import type { Deps } from '../context.ts';
import { readWorkflowId } from '../domain/flow.ts';
import type { Occasion } from '../observability/reports.ts';
import { isTemporalAway } from '../temporal-away.ts';

type ActivityMap<T> = { [K in keyof T]: T[K] };
type Watchers = Pick<Deps, 'log' | 'reports'>;

/**
 * What an activity throws stands in the workflow's history for everybody who may open the UI, and messages of foreign
 * errors can quote what they failed on. So the history gets a word, and the log gets the (masked) error.
 */
export function failSafely<T extends object>(deps: Watchers, activities: ActivityMap<T>): ActivityMap<T> {
  const wrapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (run as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        throw toFailure(error, name, deps);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as ActivityMap<T>;
}

function toFailure(error: unknown, activity: string, { log, reports }: Watchers): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const away = awayOf(error);
  log[away ? 'warn' : 'error']({ err: error, activity }, 'an activity failed');
  if (!away) reports.report(error, { where: 'activity', what: activity, ...flowOf() });
  return withoutStack(away ?? { type: 'internal_error', message: 'Unexpected error; the log has it' });
}

/** What is away comes back, and the activity is tried again: no error of ours. */
function awayOf(error: unknown): { type: string; message: string } | undefined {
  if (isDatabaseAway(error)) return { type: 'database_unavailable', message: 'Postgres could not be reached' };
  if (isTemporalAway(error)) return { type: 'temporal_unavailable', message: 'Temporal could not be reached' };
  return undefined;
}

function flowOf(): Pick<Occasion, 'flowKind' | 'tenantId' | 'flowId'> {
  const flow = readWorkflowId(activityInfo().workflowExecution?.workflowId);
  return { flowKind: flow?.kind, tenantId: flow?.tenantId, flowId: flow?.flowId };
}

/**
 * Not now: Temporal tries again after that long, or as the activity's own policy says. Nothing is wrong, so it counts
 * as no error. The `reason` is a word from a fixed list, and stands beside the waiting activity in the UI.
 */
export const notYet = (reason: string, waitMs?: number): ApplicationFailure =>
  withoutStack({
    type: 'not_yet',
    message: `The message waits: ${reason.replaceAll('_', ' ')}`,
    category: 'BENIGN',
    ...(waitMs !== undefined && { nextRetryDelay: waitMs }),
  });

/** The history keeps stacks too, and they name the server's paths. */
function withoutStack(options: ApplicationFailureOptions): ApplicationFailure {
  const failure = ApplicationFailure.create(options);
  delete failure.stack;
  return failure;
}
