import { reconcile } from '../flows/reconcile.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

export async function terminate(stack: Stack, tenant: TestTenant, id: string): Promise<void> {
  const { workflow } = await stack.temporalClient();
  await workflow.getHandle(`invoice/${tenant.id}/${id}`).terminate('by an operator');
}

/** An operator ends the workflow of an invoice; until the reconciler has seen it, `later` than the row says what is next. */
export async function loseWorkflow(stack: Stack, tenant: TestTenant, id: string, later: string): Promise<void> {
  await terminate(stack, tenant, id);
  await until(
    async () => {
      // A sender that was under way may say once more until when it waits.
      const overdue = 'update app.flows set next_action_at = next_action_at - $2::interval where id = $1';
      await stack.database.sql(overdue, [id, later]);
      await reconcile(stack);
      return stack.database.sql<{ status: string }>('select status from app.flows where id = $1', [id]);
    },
    ([flow]) => flow?.status !== 'running',
  );
}
