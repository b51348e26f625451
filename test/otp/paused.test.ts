import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

test('a passcode whose channel is paused before it leaves ends at once, with the reason, and its phone is free', async () => {
  const tenant = await stack.tenants.make();
  const user = otpUser(stack, tenant);
  const phone = anyPhone();
  const { id } = (await user.send(phone)).body;
  const [{ channel_id }] = await user.messages(id);
  await tenant.call('POST', `/api/v1/channels/${channel_id}/pause`, { reason: 'maintenance' });
  await stack.startWorker();
  await expect(user.outcome(id)).resolves.toBe('undeliverable');
  expect(await user.messages(id)).toMatchObject([{ status: 'cancelled', reason: 'channel_paused', attempts: 0 }]);

  await tenant.call('POST', `/api/v1/channels/${channel_id}/resume`);
  const again = await user.send(phone);
  expect([again.status, again.body.id === id]).toEqual([202, false]);
});
