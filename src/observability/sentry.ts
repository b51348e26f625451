import { createStackParser, createTransport, Scope, type Exception } from '@sentry/core';
import { nodeStackLineParser, ServerRuntimeClient } from '@sentry/core/server';
import { describeError } from '../log.ts';
import type { Occasion, Reports } from './reports.ts';

const CLOSE_WITHIN_MS = 2_000;
const CALL_TIMEOUT_MS = 5_000;
/** An error can be its own cause's cause. */
const MAX_CAUSES = 5;

/**
 * Reports to Sentry what a log line says, and no more: the masked error, ids and words. Events are put together here by
 * hand, and no integration of Sentry's is on, so nothing of a request can come along: no header, body, query or address.
 */
export function createSentry({ dsn, environment }: { dsn: string; environment: string }): Reports {
  const parse = createStackParser(nodeStackLineParser());
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    integrations: [],
    stackParser: parse,
    sendClientReports: false,
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        const answer = await fetch(options.url, {
          method: 'POST',
          body,
          headers: options.headers ?? {},
          signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
        });
        await answer.body?.cancel();
        return {
          statusCode: answer.status,
          headers: {
            'x-sentry-rate-limits': answer.headers.get('X-Sentry-Rate-Limits'),
            'retry-after': answer.headers.get('Retry-After'),
          },
        };
      }),
  });
  client.init();

  /** The cause first, as Sentry wants it. */
  const exceptionsOf = (error: unknown): Exception[] => {
    const values: Exception[] = [];
    for (let e = error; values.length < MAX_CAUSES; e = e.cause) {
      const { type, message, stack } = describeError(e) as { type: string; message?: string; stack?: string };
      values.unshift({ type, value: message ?? '', ...(stack && { stacktrace: { frames: parse(stack) } }) });
      if (!(e instanceof Error) || !(e.cause instanceof Error)) break;
    }
    return values;
  };

  return {
    report(error, occasion) {
      client.captureEvent(
        {
          level: occasion.where === 'process' ? 'fatal' : 'error',
          exception: { values: exceptionsOf(error) },
          tags: tagsOf(occasion),
          ...(occasion.what && { transaction: occasion.what }),
        },
        {},
        // Not the one of the whole process, which anything may write to.
        new Scope(),
      );
    },
    close: async () => void (await client.close(CLOSE_WITHIN_MS)),
  };
}

const tagsOf = ({ where, tenantId, flowKind, flowId, requestId }: Occasion) =>
  Object.fromEntries(
    Object.entries({ where, tenant_id: tenantId, flow_kind: flowKind, flow_id: flowId, request_id: requestId }).filter(
      ([, value]) => value !== undefined,
    ),
  );
