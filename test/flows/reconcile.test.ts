import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { reconcile } from './reconcile.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;
let api: TestProcess;

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

test('a running flow that never got a workflow is started, and its code arrives and counts', async () => {
  const alone = await stack.startApiAlone();
  const phone = anyPhone();
  const { id } = (await user.send(phone)).body;
  await stack.database.sql('delete from app.outbox where flow_id = $1', [id]);
  await overdue(id);
  await alone.kill();
  api = await stack.startApi('true');

  await reconcile(stack);
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
  await reconcile(stack);
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: 'expired' });
  expect((await user.verify(phone, code)).body).toEqual({ verified: false });
});

test('a flow that is merely late is left alone', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  await overdue(id);
  await reconcile(stack);
  expect(await user.flow(id)).toMatchObject({ status: 'running' });
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
});

test('flows that nobody can mend, however many and however old, keep no other from being mended', async () => {
  const { id } = await user.delivered(anyPhone());
  await (await handleOf(id)).terminate('by a test');
  await user.endLife(id);
  await overdue(id);
  await stack.database.sql(
    `insert into app.flows (tenant_id, id, kind, stage, next_action_at)
     select $1, gen_random_uuid(), 'raffle', 'drawing', now() - interval '1 day' from generate_series(1, 1200)`,
    [tenant.id],
  );
  expect(await reconcile(stack)).toMatchObject({ failed: 1200 });
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: 'expired' });
  await stack.database.sql(`delete from app.flows where kind = 'raffle'`);
});

test('a message whose sender was killed after its passcode was cancelled is unknown, and whoever operates hears of it', async () => {
  const sender = await stack.startWorker();
  await api.kill();
  const alone = await stack.startApi('false');
  const phone = anyPhone();
  await stack.sandbox('POST', '/faults', { kind: 'timeout', to: phone, count: 1 });
  const { id } = (await user.send(phone)).body;
  const message = (change: string) => stack.database.sql(`update app.messages set ${change} where flow_id = $1`, [id]);
  await until(
    () => user.messages(id),
    ([row]) => row?.status === 'sending',
  );
  // Whoever runs the task again finds the message in other hands, until the workflow has ended.
  await message(`lease_until = clock_timestamp() + interval '1 hour'`);
  await user.cancel(id);
  await sender.kill();
  await alone.kill();
  api = await stack.startApi('true');
  await expect(user.outcome(id)).resolves.toBe('cancelled');
  expect(await user.messages(id)).toMatchObject([{ status: 'sending' }]);

  await message('lease_until = clock_timestamp(), settle_at = clock_timestamp()');
  expect(await reconcile(stack)).toMatchObject({ doubtful: 1 });
  expect(await user.messages(id)).toMatchObject([{ status: 'unknown', lease_until: null }]);
  expect(api.output()).toContain('nobody knows whether these messages arrived');
});

test('a workflow whose row has ended is stopped once it is old enough to be sure, and no other', async () => {
  const [ended, alive] = [await user.delivered(anyPhone()), await user.delivered(anyPhone())];
  const stopOne = `update app.flows set status = 'completed', outcome = 'expired', ended_at = clock_timestamp()
    where id = $1`;
  await stack.database.sql(stopOne, [ended.id]);
  await reconcile(stack);
  expect((await (await handleOf(ended.id)).describe()).status.name).toBe('RUNNING');

  // Only workflows of more than ten minutes are looked at: this worker's clock is as far ahead.
  const ahead = 'const now = Date.now; Date.now = () => now() + 11 * 60_000;';
  const skewed = await stack.startWorker({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}`,
  });
  await until(
    async () => {
      await reconcile(stack);
      return (await (await handleOf(ended.id)).describe()).status.name;
    },
    (status) => status === 'CANCELLED',
    { everyMs: 200 },
  );
  expect((await (await handleOf(alive.id)).describe()).status.name).toBe('RUNNING');
  expect(await skewed.stop()).toBe(0);
});
