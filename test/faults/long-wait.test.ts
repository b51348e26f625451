import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { putOff } from '../replay/endings.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(() => stack.close());

/** The provider has a message wait for minutes: at its first try, or at a later one, which is made through `sends`. */
const waits = [
  { where: 'in the workflow', waitsMs: [240_000] },
  { where: 'in `sends`', waitsMs: [1_000, 240_000] },
];

async function expectEnd(id: string, outcome: string): Promise<void> {
  await expect(user.outcome(id)).resolves.toBe(outcome);
  const history = await fetchHistory(await stack.temporalClient(), `otp/${tenant.id}/${id}`);
  expect(history.count('WORKFLOW_EXECUTION_COMPLETED')).toBe(1);
  expect(history.count('ACTIVITY_TASK_FAILED')).toBe(0);
}

test.each(waits)('a passcode ends at once when it is cancelled while its message waits $where', async ({ waitsMs }) => {
  const phone = anyPhone();
  const id = await putOff({ stack, user, phone }, waitsMs);
  await user.cancel(id);
  await expectEnd(id, 'cancelled');
  expect((await stack.ledger()).filter(({ to }) => to === phone)).toEqual([]);
});

test.each(waits)('a passcode ends at once when it is used while a resend waits $where', async ({ waitsMs }) => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  await user.endWait(id);
  await putOff({ stack, user, phone }, waitsMs);
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
  await expectEnd(id, 'verified');
});

test.each(waits)('a resend is sent at once while the message before it waits $where', async ({ waitsMs }) => {
  const phone = anyPhone();
  const id = await putOff({ stack, user, phone }, waitsMs);
  await user.endWait(id);
  expect((await user.send(phone)).status).toBe(202);
  const [message] = await user.shown(phone);
  expect((await user.verify(phone, codeIn(message))).body).toEqual({ verified: true, id });
  await expectEnd(id, 'verified');
  const statuses = async () => (await user.messages(id)).map(({ status }) => status);
  await until(statuses, (seen) => String(seen) === 'cancelled,read');
});

test('a failure that Temporal shows while a message waits does not name the places of our code', async () => {
  const id = await putOff({ stack, user, phone: anyPhone() }, [1_000, 240_000]);
  const client = await stack.temporalClient();
  // The row says first that it waits; the sender tells Temporal after that.
  const pending = await until(
    async () => (await client.workflow.getHandle(`otp/${tenant.id}/${id}`).describe()).raw.pendingActivities ?? [],
    ([activity]) => Boolean(activity?.lastFailure),
  );
  expect(pending).toMatchObject([{ lastFailure: { message: 'The message waits: provider asked' } }]);
  expect(JSON.stringify(pending)).not.toMatch(/\.[jt]s:\d+/);
});
