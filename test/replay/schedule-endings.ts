import { randomUUIDv7 } from 'node:crypto';
import { connect } from '../connections/stripe.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';

type World = { stack: Stack; tenant: TestTenant };

/** What schedules start, done now. Answers the last part of the workflow's id, whose first is `schedule`. */
async function runNow({ stack, tenant }: World, workflowType: string): Promise<string> {
  const id = randomUUIDv7();
  const workflowId = `schedule/${tenant.id}/${id}`;
  await (await stack.temporalClient()).workflow.execute(workflowType, { taskQueue: 'flows', workflowId });
  return id;
}

export const scheduleEndings = {
  /** One connection more than fit into a batch; none of them can be asked. */
  async 'payments-reconciled'(world: World): Promise<string> {
    for (let n = 0; n < 11; n += 1) await connect(world.stack, world.tenant);
    return runNow(world, 'reconcilePayments');
  },
  'flows-reconciled': (world: World): Promise<string> => runNow(world, 'reconcile'),
  /** As many tenants as fit into a step were deleted for long enough, so it looks for more. */
  async 'tenants-purged'(world: World): Promise<string> {
    const { tenants, database } = world.stack;
    const ids: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const { id } = await tenants.make();
      await tenants.asAdmin('DELETE', `/api/v1/tenants/${id}`);
      ids.push(id);
    }
    await database.sql(
      `update app.tenants set deleted_at = clock_timestamp() - interval '31 days' where id = any ($1)`,
      [ids],
    );
    return runNow(world, 'purgeTenants');
  },
};
