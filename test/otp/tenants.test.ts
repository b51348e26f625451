import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otherThan, otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, codeIn, createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;
let one: OtpUser;
let two: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  one = otpUser(stack, await stack.tenants.make());
  two = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

test('two tenants with the same phone and purpose share neither code, attempts, budget nor end', async () => {
  const phone = anyPhone();
  const ofOne = await one.delivered(phone);
  const second = await two.send(phone);
  expect(second.status).toBe(202);
  const ofTwo = { id: second.body.id, code: codeIn((await two.shown(phone, 2))[1]) };

  for (let n = 1; n <= 5; n += 1) await one.verify(phone, otherThan(ofTwo.code, n));
  expect(await one.otp(ofOne.id)).toMatchObject({ status: 'locked' });
  expect(await two.otp(ofTwo.id)).toMatchObject({ status: 'pending', attempts_remaining: 5 });
  expect((await one.verify(phone, ofTwo.code)).body).toEqual({ verified: false });
  expect((await two.verify(phone, ofTwo.code)).body).toEqual({ verified: true, id: ofTwo.id });
  expect(await one.flow(ofOne.id)).toMatchObject({ outcome: 'locked' });
});

test("a tenant that has spent a phone's budget leaves another tenant its own", async () => {
  const phone = anyPhone();
  for (let n = 0; n < 5; n += 1) {
    const { id } = (await one.send(phone, { client_ip: '198.51.100.1' })).body;
    await one.cancel(id);
  }
  expect((await one.send(phone)).status).toBe(429);
  expect((await two.send(phone, { client_ip: '198.51.100.1' })).status).toBe(202);
});

test("another tenant's passcode does not exist, and cannot be ended", async () => {
  const { id } = await one.delivered(anyPhone());
  const answers = await Promise.all([two.cancel(id), two.otp(id), two.flow(id)]);
  expect(answers[0]).toMatchObject({ status: 404 });
  expect(answers[1]).toMatchObject({ status: 404 });
  expect(answers[2]).toMatchObject({ status: 404 });
  expect(await one.otp(id)).toMatchObject({ status: 'pending' });
});
