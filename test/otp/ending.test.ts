import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

const behave = (phone: string, behaviour: object) =>
  stack.sandbox('PUT', `/phones/${encodeURIComponent(phone)}`, behaviour);

/** The passcode, its flow and its workflow agree on how it ended. */
async function expectEnd(id: string, outcome: string, flowStatus: string): Promise<void> {
  await expect(user.outcome(id)).resolves.toBe(outcome);
  expect(await user.otp(id)).toMatchObject({ status: outcome, attempts_remaining: 0 });
  expect(await user.flow(id)).toMatchObject({ status: flowStatus, outcome, stage: 'ended', next_action: null });
}

test('a cancelled passcode ends at once, its code is worth nothing, and it is cancelled only once', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  expect(await user.cancel(id)).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
  expect((await user.verify(phone, code)).body).toEqual({ verified: false });
  await expectEnd(id, 'cancelled', 'cancelled');
  expect(await user.cancel(id)).toMatchObject({ status: 409, body: { code: 'otp_not_pending' } });
});

test('after a cancel a new code may be sent, and only the new one counts', async () => {
  const phone = anyPhone();
  const old = await user.delivered(phone);
  await user.cancel(old.id);
  const next = await user.send(phone);
  expect(next.status).toBe(202);
  expect(next.body.id).not.toBe(old.id);
  await user.shown(phone, 2);
  expect((await user.verify(phone, old.code)).body).toEqual({ verified: false });
});

test('a passcode for a phone without WhatsApp ends as undeliverable', async () => {
  const phone = anyPhone();
  await behave(phone, { on_whatsapp: false });
  const { id } = (await user.send(phone)).body;
  await expectEnd(id, 'undeliverable', 'failed');
  expect(await user.messages(id)).toMatchObject([{ status: 'failed', error_code: 131026 }]);

  await behave(phone, { on_whatsapp: true });
  expect((await user.delivered(phone)).id).not.toBe(id);
});

test('a passcode that the provider refuses for good ends as undeliverable', async () => {
  const phone = anyPhone();
  await stack.sandbox('POST', '/faults', { kind: 'refused', code: 131026, to: phone, count: 1 });
  const { id } = (await user.send(phone)).body;
  await expectEnd(id, 'undeliverable', 'failed');
  expect((await stack.ledger()).filter(({ to }) => to === phone)).toEqual([]);
});

test('a resend that fails does not end a passcode that the phone may still show', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  await stack.sandbox('POST', '/faults', { kind: 'async_failed', to: phone, count: 1 });
  await user.endWait(id);
  await user.send(phone);
  await until(
    () => user.messages(id),
    ([, second]) => second?.status === 'failed',
  );
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
});
