import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allowBriefLives, brief, otpUser, type OtpUser } from '../harness/otp.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { anyPhone, codeIn, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let proxy: Proxy;
let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({ through: { databaseUrl: throughProxy } });
  await allowBriefLives(stack);
  await stack.startApi();
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

function throughProxy(appUrl: string): string {
  const url = new URL(appUrl);
  url.host = new URL(proxy.to(appUrl)).host;
  return url.toString();
}

/** Postgres goes away, and comes back only when that activity has failed as often as it is tried at once. */
async function awayPast(activity: string): Promise<void> {
  const failure = `"activity":"${activity}","msg":"an activity failed"`;
  await proxy.down();
  await until(
    () => stack.output().split(failure).length - 1,
    (failures) => failures >= 3,
  );
  await proxy.up();
}

test('a passcode that expires while Postgres is away ends as expired once it is back', async () => {
  const { id } = await user.delivered(anyPhone(), brief);
  await awayPast('expireOtp');
  await expect(user.outcome(id)).resolves.toBe('expired');
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: 'expired' });
});

test('a message in doubt whose time was up while Postgres was away is sent once more when it is back', async () => {
  const phone = anyPhone();
  for (const kind of ['accept_then_reset', 'no_status']) {
    await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
  }
  const { id } = (await user.send(phone)).body;
  await until(
    () => user.messages(id),
    ([message]) => message?.status === 'unknown',
  );
  await awayPast('settleUnknownOtp');
  const shown = await user.shown(phone, 2);
  expect(new Set(shown.map(codeIn)).size).toBe(1);
  expect((await user.verify(phone, codeIn(shown[1]))).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
});
