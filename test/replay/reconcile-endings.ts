import { randomUUIDv7 } from 'node:crypto';
import { connect } from '../connections/stripe.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';

type World = { stack: Stack; tenant: TestTenant };

/** The nightly comparison with Stripe, done now. Each answers the last part of the workflow's id. */
export const reconcileEndings = {
  /** One connection more than fit into a batch; none of them can be asked. */
  async 'payments-reconciled'({ stack, tenant }: World): Promise<string> {
    for (let n = 0; n < 11; n += 1) await connect(stack, tenant);
    const id = randomUUIDv7();
    const workflowId = `reconcile-payments/${tenant.id}/${id}`;
    await (await stack.temporalClient()).workflow.execute('reconcilePayments', { taskQueue: 'flows', workflowId });
    return id;
  },
};
