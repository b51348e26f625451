import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { searchAttributes } from '../../src/temporal/starts.ts';
import { TypedSearchAttributes } from '@temporalio/common';
import { fetchHistory } from '../harness/history.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { pauseReconciler, reconcile } from './reconcile.ts';

let stack: Stack;
let client: Client;

/** Only workflows of more than ten minutes are looked at: this worker's clock is as far ahead. */
const ahead = 'const now = Date.now; Date.now = () => now() + 11 * 60_000;';

beforeAll(async () => {
  stack = await createStack();
  client = await stack.temporalClient();
});
afterAll(() => stack.close());

/** Workflows that no row knows, on a queue that nobody polls. Answers their ids, the oldest first. */
async function orphans(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const some = Array.from({ length: Math.min(50, count - ids.length) }, () => `otp/1/${randomUUID()}`);
    await Promise.all(
      some.map((workflowId) =>
        client.workflow.start('otp', {
          workflowId,
          taskQueue: 'nobody',
          typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.flowKind, value: 'otp' }]),
        }),
      ),
    );
    ids.push(...some);
  }
  return ids;
}

const cancelled = async (id: string): Promise<boolean> =>
  (await fetchHistory(client, id)).events.some((event) => 'workflowExecutionCancelRequestedEventAttributes' in event);

test('of more workflows without a row than a round looks at, the next rounds find the others', async () => {
  const ids = await orphans(700);
  await until(
    async () => (await client.workflow.count(`FlowKind = 'otp'`)).count,
    (count) => count === 700,
  );
  await stack.startWorker({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}` });
  const [first = '', last = ''] = [ids.at(0), ids.at(-1)];
  await pauseReconciler(stack);
  const before = await cancelled(last);
  expect(await reconcile(stack)).toMatchObject({ stopped: 500 });
  expect([before, await cancelled(last), await cancelled(first)]).toEqual([false, true, false]);
  expect(await reconcile(stack)).toMatchObject({ stopped: 200 });
  expect(await cancelled(first)).toBe(true);
}, 180_000);
