import { TestWorkflowEnvironment } from '@temporalio/testing';
import { addSearchAttributes } from './own-temporal.ts';

export type SkippedTime = Awaited<ReturnType<typeof startSkippedTime>>;

/**
 * Temporal's time-skipping server: its clock stands at the real time until somebody skips some of it. Every timer in
 * between runs out at its own instant, and the clock waits for the tasks and activities that follow.
 */
export async function startSkippedTime() {
  const path = process.env['TEMPORAL_TEST_SERVER'];
  const server = await TestWorkflowEnvironment.createTimeSkipping(
    path === undefined ? {} : { server: { executable: { type: 'existing-path', path } } },
  );
  await addSearchAttributes(server.connection, 'default');
  return {
    address: server.address,
    now: async (): Promise<Date> => new Date(await server.currentTimeMs()),
    /** Answers when that time is over and the clock goes with the real one again. */
    async skipTo(at: Date): Promise<void> {
      const ms = at.getTime() - (await server.currentTimeMs());
      if (ms > 0) await server.sleep(ms);
    },
    close: (): Promise<void> => server.teardown(),
  };
}
