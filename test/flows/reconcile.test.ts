import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  const alone = await stack.startApiAlone();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  await alone.kill();
});
afterAll(() => stack.close());

const overdue = (id: string) =>
  stack.database.sql(`update app.flows set next_action_at = clock_timestamp() - interval '2 minutes' where id = $1`, [
    id,
  ]);
const handleOf = async (id: string) => (await stack.temporalClient()).workflow.getHandle(`otp/${tenant.id}/${id}`);

/** The schedule does this each minute; here it is done now. What matters is what is true afterwards. */
async function reconcile(): Promise<void> {
  const { workflow } = await stack.temporalClient();
  await workflow.execute('reconcile', { taskQueue: 'flows', workflowId: `reconcile-${anyPhone()}` });
}

test('a running flow that never got a workflow is started, and its code arrives and counts', async () => {
  const alone = await stack.startApiAlone();
  const phone = anyPhone();
  const { id } = (await user.send(phone)).body;
  await stack.database.sql('delete from app.outbox where flow_id = $1', [id]);
  await overdue(id);
  await alone.kill();
  await stack.startApi('true');

  await reconcile();
  const [message] = await user.shown(phone);
  expect((await user.verify(phone, codeIn(message))).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
  expect(await stack.ledger()).toHaveLength(1);
});

test('a running flow whose workflow is gone for good is settled by its rows', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  await (await handleOf(id)).terminate('by a test');
  await user.endLife(id);
  await overdue(id);
  await reconcile();
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: 'expired' });
  expect((await user.verify(phone, code)).body).toEqual({ verified: false });
});

test('a flow that is merely late is left alone', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  await overdue(id);
  await reconcile();
  expect(await user.flow(id)).toMatchObject({ status: 'running' });
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
});

test('a workflow whose row has ended is stopped once it is old enough to be sure, and no other', async () => {
  const [ended, alive] = [await user.delivered(anyPhone()), await user.delivered(anyPhone())];
  const stopOne = `update app.flows set status = 'completed', outcome = 'expired', ended_at = clock_timestamp()
    where id = $1`;
  await stack.database.sql(stopOne, [ended.id]);
  await reconcile();
  expect((await (await handleOf(ended.id)).describe()).status.name).toBe('RUNNING');

  // Only workflows of more than ten minutes are looked at: this worker's clock is as far ahead.
  const ahead = 'const now = Date.now; Date.now = () => now() + 11 * 60_000;';
  const skewed = await stack.startWorker({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}`,
  });
  await until(
    async () => {
      await reconcile();
      return (await (await handleOf(ended.id)).describe()).status.name;
    },
    (status) => status === 'CANCELLED',
    { everyMs: 200 },
  );
  expect((await (await handleOf(alive.id)).describe()).status.name).toBe('RUNNING');
  expect(await skewed.stop()).toBe(0);
});
