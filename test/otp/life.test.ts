import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const send = (phone: string, more: object = {}) =>
  tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup', ...more });
const verify = (phone: string, code: string, purpose = 'signup') =>
  tenant.call('POST', '/api/v1/otp/verify', { phone_number: phone, code, purpose });
const shown = (phone: string, count = 1) =>
  until(
    () => stack.messagesOn(phone),
    (list) => list.length >= count,
  );

test('a passcode reaches the phone, is verified once, and its workflow ends as verified', async () => {
  const phone = anyPhone();
  const sent = await send(phone);
  expect(sent.status).toBe(202);
  const [message] = await shown(phone);
  const code = codeIn(message);

  expect((await verify(phone, code)).body).toEqual({ verified: true, id: sent.body.id });
  expect((await verify(phone, code)).body).toEqual({ verified: false });

  const client = await stack.temporalClient();
  await expect(client.workflow.getHandle(`otp/${tenant.id}/${sent.body.id}`).result()).resolves.toBe('verified');
  const flow = await tenant.call('GET', `/api/v1/flows/${sent.body.id}`);
  expect(flow.body).toMatchObject({ kind: 'otp', status: 'completed', outcome: 'verified' });
});
