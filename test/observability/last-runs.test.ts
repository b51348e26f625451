import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLastRuns } from '../../src/temporal/last-runs.ts';
import { pauseReconciler } from '../flows/reconcile.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let client: Awaited<ReturnType<Stack['temporalClient']>>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startWorker();
  client = await stack.temporalClient();
  await pauseReconciler(stack);
});
afterAll(() => stack.close());

/** What a process that has not looked yet finds. */
const endOf = async (schedule: string): Promise<Date | undefined> =>
  (await createLastRuns(() => ({ client }))()).find((run) => run.schedule === schedule)?.endedAt;

/** When the rounds ended that ended in this way, the newest first, once there are so many. */
const ends = (status: 'Completed' | 'Failed', count: number): Promise<(Date | undefined)[]> =>
  until(
    async () => {
      const found = [];
      const query = `TemporalScheduledById = 'reconcile' AND ExecutionStatus = '${status}'`;
      for await (const { closeTime } of client.workflow.list({ query })) found.push(closeTime);
      return found;
    },
    (found) => found.length >= count,
  );

test('a schedule that never ran is as old as itself', async () => {
  const { info } = await client.schedule.getHandle('purge-tenants').describe();
  expect(await endOf('purge-tenants')).toEqual(info.createdAt);
});

test('a round that ended well counts, also one that was started by hand; one that failed does not', async () => {
  const reconciler = client.schedule.getHandle('reconcile');
  await reconciler.trigger();
  const [good] = await ends('Completed', 1);
  expect(await endOf('reconcile')).toEqual(good);

  await stack.database.sql('alter function app.sweep_send_buckets(integer) rename to gone');
  await reconciler.trigger();
  await ends('Failed', 1);
  expect(await endOf('reconcile')).toEqual(good);

  await stack.database.sql('alter function app.gone(integer) rename to sweep_send_buckets');
  await reconciler.trigger();
  const [better] = await ends('Completed', 2);
  expect(better?.getTime()).toBeGreaterThan(good?.getTime() ?? Infinity);
  expect(await endOf('reconcile')).toEqual(better);
});

test('without Temporal nothing is said', async () => {
  await expect(createLastRuns(() => ({ client: undefined }))()).rejects.toThrow('not connected');
});
