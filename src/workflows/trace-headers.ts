import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** As the client's and the activities' side know it. */
const HEADER = 'traceparent';

/**
 * Hands the trace that a workflow was started in on to its activities: what a signal caused belongs to the trace of the
 * signal. Headers alone: nothing of it is a command, so histories with and without are replayed alike.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let trace: { [HEADER]?: never } = {};
  const take = ({ headers }: { headers: Record<string, unknown> }): void => {
    if (headers[HEADER]) trace = { [HEADER]: headers[HEADER] as never };
  };
  return {
    inbound: [
      {
        execute(input, next) {
          take(input);
          return next(input);
        },
        handleSignal(input, next) {
          take(input);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
        scheduleLocalActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
        continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...trace } }),
      },
    ],
  };
};
