import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { allowBriefLives, brief, otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await allowBriefLives(stack);
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(() => stack.close());

test('a passcode nobody uses ends as expired when its time is over', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone, brief);
  await expect(user.outcome(id)).resolves.toBe('expired');
  expect((await user.verify(phone, code, brief.purpose)).body).toEqual({ verified: false });
  expect(await user.otp(id)).toMatchObject({ status: 'expired', attempts_remaining: 0 });
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: 'expired', next_action_at: null });
});

test('sending settles an expired passcode before it makes the next one', async () => {
  const phone = anyPhone();
  const old = await user.delivered(phone);
  await user.endLife(old.id);
  const next = await user.send(phone);
  expect(next.status).toBe(202);
  expect(next.body).toMatchObject({ attempts_remaining: 5 });
  expect(next.body.id).not.toBe(old.id);

  // The old workflow's timer has minutes to go: it was not the one who wrote this.
  const client = await stack.temporalClient();
  const { status } = await client.workflow.getHandle(`otp/${tenant.id}/${old.id}`).describe();
  expect(status.name).toBe('RUNNING');
  expect(await user.flow(old.id)).toMatchObject({ status: 'completed', outcome: 'expired' });
  const rows = await stack.database.sql(
    'select status, settled_at is not null as settled from app.otps where id = $1',
    [old.id],
  );
  expect(rows).toEqual([{ status: 'expired', settled: true }]);
});

test('a passcode whose time is over reads as expired before anything has settled it', async () => {
  const { id } = await user.delivered(anyPhone());
  await user.endLife(id);
  expect(await user.otp(id)).toMatchObject({ status: 'expired', attempts_remaining: 0 });
  expect(await user.cancel(id)).toMatchObject({ status: 409 });
});

test('a timer that fires before the row says so ends nothing', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone, brief);
  await stack.database.sql(`update app.otps set expires_at = clock_timestamp() + interval '1 minute' where id = $1`, [
    id,
  ]);
  const client = await stack.temporalClient();
  await until(
    () => fetchHistory(client, `otp/${tenant.id}/${id}`),
    (history) => history.count('TIMER_FIRED') === 1 && history.count('TIMER_STARTED') === 2,
  );
  expect((await user.verify(phone, code, brief.purpose)).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
});
