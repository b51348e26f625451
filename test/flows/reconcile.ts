import { scheduleIds } from '../../src/temporal/schedules.ts';
import type { Json } from '../harness/client.ts';
import { anyPhone, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

/** The schedule does this each minute; here it is done now. Answers what it has counted. */
export async function reconcile(stack: Stack): Promise<Json> {
  const { workflow } = await stack.temporalClient();
  return workflow.execute('reconcile', { taskQueue: 'flows', workflowId: `reconcile-${anyPhone()}` });
}

/**
 * From now on no round comes by itself, between ours. A worker is ready before it has made its schedules: all of them are
 * there afterwards.
 */
export async function pauseReconciler(stack: Stack): Promise<void> {
  const { schedule } = await stack.temporalClient();
  await until(
    () =>
      Promise.all(scheduleIds.map((id) => schedule.getHandle(id).describe())).then(
        () => 'made',
        (error: unknown) => String(error),
      ),
    (seen) => seen === 'made',
  );
  await schedule.getHandle('reconcile').pause();
}
