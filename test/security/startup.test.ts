import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { answers, startProcess } from '../harness/process.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
beforeEach(async () => {
  stack = await createStack();
});
afterEach(() => stack.close());

/** How many workers have asked Temporal for tasks of the passcodes. */
async function pollers(): Promise<number> {
  const { workflowService, options } = await stack.temporalClient();
  const taskQueue = { name: 'otp' };
  const answer = await workflowService.describeTaskQueue({ namespace: options.namespace, taskQueue });
  return answer.pollers?.length ?? 0;
}

/** When the process last asked which migrations have been made. */
const lastLook = async (): Promise<string[]> =>
  (
    await stack.database.sql<{ at: string }>(
      `select query_start::text as at from pg_stat_activity where datname = current_database()
         and application_name = 'carillon' and query like 'select name from public.carillon_migrations%'`,
    )
  ).map(({ at }) => at);

test.each(['server.ts', 'worker.ts'])('%s takes no work before the schema is the one that it knows', async (entry) => {
  const [last] = await stack.database.sql<{ name: string }>(
    `delete from public.carillon_migrations where name = (select max(name) from public.carillon_migrations) returning name`,
  );
  const looks = new Set<string>();
  let early: number | undefined;
  const url = entry === 'worker.ts' ? stack.workerUrl : stack.apiUrl;
  const running = await startProcess(entry, { ...stack.env, WORKER_IN_PROCESS: 'true' }, async () => {
    for (const at of await lastLook()) looks.add(at);
    if (looks.size >= 6 && early === undefined) {
      early = await pollers();
      await stack.database.sql('insert into public.carillon_migrations (name) values ($1)', [last?.name]);
    }
    return early !== undefined && answers(`${url}/readyz`);
  });
  expect(early).toBe(0);
  await until(pollers, (count) => count > 0);
  await running.kill();
});
