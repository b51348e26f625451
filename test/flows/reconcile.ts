import type { Json } from '../harness/client.ts';
import { anyPhone, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

/** The schedule does this each minute; here it is done now. Answers what it has counted. */
export async function reconcile(stack: Stack): Promise<Json> {
  const { workflow } = await stack.temporalClient();
  return workflow.execute('reconcile', { taskQueue: 'flows', workflowId: `reconcile-${anyPhone()}` });
}

/** From now on no round comes by itself, between ours. A worker is ready before it has made its schedules. */
export async function pauseReconciler(stack: Stack): Promise<void> {
  const { schedule } = await stack.temporalClient();
  const reconciler = schedule.getHandle('reconcile');
  await until(
    () =>
      reconciler.pause().then(
        () => 'paused',
        (error: unknown) => String(error),
      ),
    (outcome) => outcome === 'paused',
  );
}
