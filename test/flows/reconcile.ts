import type { Json } from '../harness/client.ts';
import { anyPhone, type Stack } from '../harness/stack.ts';

/** The schedule does this each minute; here it is done now. Answers what it has counted. */
export async function reconcile(stack: Stack): Promise<Json> {
  const { workflow } = await stack.temporalClient();
  return workflow.execute('reconcile', { taskQueue: 'flows', workflowId: `reconcile-${anyPhone()}` });
}
