import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { reconcile } from './reconcile.ts';

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(() => stack.close());

const waiting = (id: string) => stack.database.sql('select id from app.outbox where flow_id = $1', [id]);

/** A passcode whose workflow an operator has ended in Temporal's UI. */
async function terminated(phone: string): Promise<string> {
  const { id } = await user.delivered(phone);
  await until(
    async () => [(await waiting(id)).length, (await user.messages(id))[0].status],
    ([rows, status]) => rows === 0 && status === 'read',
  );
  const { workflow } = await stack.temporalClient();
  await workflow.getHandle(`otp/${tenant.id}/${id}`).terminate('by an operator');
  await user.endWait(id);
  return id;
}

test('a passcode whose workflow was terminated ends when somebody asks for it again, and the next one is new', async () => {
  const phone = anyPhone();
  const id = await terminated(phone);
  expect((await user.send(phone)).body.id).toBe(id);

  const flow = await until(
    () => user.flow(id),
    ({ status }) => status !== 'running',
  );
  expect(flow).toMatchObject({ status: 'cancelled', outcome: 'cancelled', next_action: null });
  expect(await user.otp(id)).toMatchObject({ status: 'cancelled' });
  expect((await user.messages(id)).map(({ status }) => status)).toEqual(['read', 'cancelled']);
  await until(
    () => waiting(id),
    (rows) => rows.length === 0,
  );
  const { past }: Json = (await tenant.call('GET', `/api/v1/flows/${id}/timeline`)).body;
  expect(past.filter(({ what }: Json) => what === 'otp.cancelled')).toMatchObject([{ by: 'system' }]);

  const next = (await user.send(phone)).body.id;
  expect(next).not.toBe(id);
  await user.shown(phone, 2);
});

test('a passcode that waits for a workflow that was terminated expires, and nothing of it stays behind', async () => {
  const phone = anyPhone();
  const id = await terminated(phone);
  await api.kill();
  const alone = await stack.startApiAlone();
  expect((await user.send(phone)).body.id).toBe(id);
  const nextTry = (at: string) =>
    stack.database.sql(`update app.outbox set available_at = clock_timestamp() + $2::interval where flow_id = $1`, [
      id,
      at,
    ]);
  await nextTry('1 hour');
  await alone.kill();
  api = await stack.startApi('true');

  await user.endLife(id);
  await stack.database.sql(`update app.flows set next_action_at = now() - interval '2 minutes' where id = $1`, [id]);
  await reconcile(stack);
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: 'expired' });
  expect((await user.messages(id)).map(({ status }) => status)).toEqual(['read', 'cancelled']);
  await nextTry('0');
  await until(
    () => waiting(id),
    (rows) => rows.length === 0,
  );
});

test('a passcode that Temporal has forgotten is started again by what is asked of it, and goes on', async () => {
  await api.kill();
  const alone = await stack.startApiAlone();
  const phone = anyPhone();
  const { id } = (await user.send(phone)).body;
  await user.endWait(id);
  expect((await user.send(phone)).body.id).toBe(id);
  await stack.database.sql(`delete from app.outbox where flow_id = $1 and operation = 'start'`, [id]);
  await alone.kill();
  api = await stack.startApi('true');

  await user.shown(phone, 2);
  await until(
    () => waiting(id),
    (rows) => rows.length === 0,
  );
  expect((await user.messages(id)).map(({ attempts }) => attempts)).toEqual([1, 1]);
  await user.cancel(id);
  await expect(user.outcome(id)).resolves.toBe('cancelled');
});
