import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  defaultPayloadConverter,
  type Headers,
} from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { readWorkflowId } from '../domain/flow.ts';
import type { Tracing } from '../observability/tracing.ts';

/** As `workflows/trace-headers.ts` knows it, which hands it on from the start or signal to the activities. */
const HEADER = 'traceparent';

/** Whoever starts or signals a workflow says in which trace. */
export function clientTraces(tracing: Tracing): WorkflowClientInterceptor {
  const traced = <T extends { headers: Headers }>(input: T): T => {
    const trace = tracing.current();
    if (trace === undefined) return input;
    return { ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(trace) } };
  };
  return {
    startWithDetails: (input, next) => next(traced(input)),
    signal: (input, next) => next(traced(input)),
  };
}

/** An activity, local or not, is a span of the trace that caused it; one that nobody traces is none. */
export function activityTraces(tracing: Tracing): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const header = input.headers[HEADER];
        if (!header) return next(input);
        const parent = defaultPayloadConverter.fromPayload<string>(header);
        const flow = readWorkflowId(info.workflowExecution?.workflowId);
        const attributes = {
          'carillon.tenant_id': flow?.tenantId.toString(),
          'carillon.flow_kind': flow?.kind,
          'carillon.flow_id': flow?.flowId,
          'carillon.attempt': info.attempt,
        };
        const options = { kind: 'consumer', parent, attributes } as const;
        const outcome = await tracing.span(`activity ${info.activityType}`, options, async (span) => {
          try {
            const result = await next(input);
            span.set({ 'carillon.result': wordOf(result) });
            return { result };
          } catch (error) {
            // Thrown in the span, a wait would count as an error.
            if (!isWait(error)) throw error;
            span.set({ 'carillon.result': 'not_yet' });
            return { wait: error };
          }
        });
        if ('wait' in outcome) throw outcome.wait;
        return outcome.result;
      },
    },
  });
}

const wordOf = (result: unknown): string | undefined => {
  const word = (result as { result?: unknown } | undefined)?.result;
  return typeof word === 'string' ? word : undefined;
};

const isWait = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.category === ApplicationFailureCategory.BENIGN;
