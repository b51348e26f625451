import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

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

async function sendThrough(kinds: string[]): Promise<{ phone: string; id: string }> {
  const phone = anyPhone();
  for (const kind of kinds) await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
  const { id } = (await user.send(phone)).body;
  // Accepted comes before started: only now there is a workflow to look at.
  await until(
    () => user.messages(id),
    ([message]) => message?.attempts > 0,
  );
  return { phone, id };
}

const history = async (id: string) => fetchHistory(await stack.temporalClient(), `otp/${tenant.id}/${id}`);
const sendsTo = async (phone: string) => (await stack.ledger()).filter(({ to }) => to === phone);

async function verifyAndEnd(phone: string, id: string): Promise<void> {
  const code = codeIn((await stack.messagesOn(phone)).at(-1));
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
}

// Each waits out the time in which a status could come: they do so together.
test.concurrent.each(['accept_then_reset', 'accept_then_timeout'])(
  'a message that was taken although the call failed (%s) is settled by its status, without a resend',
  async (kind) => {
    const { phone, id } = await sendThrough([kind]);
    await until(
      () => history(id),
      ({ text }) => text.includes('settleUnknownOtp'),
    );
    expect(await user.messages(id)).toMatchObject([{ status: 'read', attempts: 1 }]);
    await verifyAndEnd(phone, id);
    expect(await sendsTo(phone)).toHaveLength(1);
  },
);

test.concurrent.each([
  { kinds: ['accept_then_reset', 'no_status'], taken: 2 },
  { kinds: ['timeout'], taken: 1 },
  { kinds: ['http_502'], taken: 1 },
  { kinds: ['reset_before_accept'], taken: 1 },
])('a message of which nothing is heard ($kinds) is sent once more, through `sends`', async ({ kinds, taken }) => {
  const { phone, id } = await sendThrough(kinds);
  const messages = await until(
    () => user.messages(id),
    (rows) => rows[1]?.status === 'read',
  );
  expect(messages).toMatchObject([{ status: 'unknown' }, { status: 'read' }]);
  const { events } = await history(id);
  expect(
    events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled ? [scheduled.taskQueue.name] : [],
    ),
  ).toEqual(['sends']);
  expect(new Set((await stack.messagesOn(phone)).map(codeIn)).size).toBe(1);
  await verifyAndEnd(phone, id);
  expect(await sendsTo(phone)).toHaveLength(taken);
});

test.concurrent('a message is sent again by itself once, even if nothing is heard of that one either', async () => {
  const { phone, id } = await sendThrough(['accept_then_reset', 'no_status', 'accept_then_reset', 'no_status']);
  // One timer waited for a status of the first; with the second one only the expiry is still to come.
  await until(
    () => history(id),
    (seen) => seen.count('TIMER_STARTED') === 2,
  );
  await verifyAndEnd(phone, id);
  expect(await user.messages(id)).toMatchObject([{ status: 'unknown' }, { status: 'unknown' }]);
  expect(await sendsTo(phone)).toHaveLength(2);
});
