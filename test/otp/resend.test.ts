import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otherThan, otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, codeIn, createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

const waitOf = (answer: { body: { resend_available_at: string } }): number =>
  Date.parse(answer.body.resend_available_at) - Date.now();

test('sending again repeats the same code and leaves id, expiry and attempts as they are', async () => {
  const phone = anyPhone();
  const first = await user.send(phone);
  const [message] = await user.shown(phone);
  await user.verify(phone, otherThan(codeIn(message)));
  await user.endWait(first.body.id);

  const second = await user.send(phone);
  expect(second.status).toBe(202);
  const { id, expires_at } = first.body;
  expect(second.body).toMatchObject({ id, expires_at, status: 'pending', attempts_remaining: 4 });
  const [, repeated] = await user.shown(phone, 2);
  expect(codeIn(repeated)).toBe(codeIn(message));
  expect((await user.verify(phone, codeIn(repeated))).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
});

test('each resend has to wait longer than the one before', async () => {
  const phone = anyPhone();
  const waits: number[] = [];
  for (let n = 1; n <= 4; n += 1) {
    const answer = await user.send(phone);
    expect(answer.status).toBe(202);
    waits.push(waitOf(answer));
    await user.endWait(answer.body.id);
  }
  for (let n = 1; n < waits.length; n += 1) expect(waits[n]).toBeGreaterThan(1.5 * Number(waits[n - 1]));
});

test('a resend before its time is refused, says when to come back, and sends nothing', async () => {
  const phone = anyPhone();
  await user.delivered(phone);
  const early = await user.send(phone);
  expect(early.status).toBe(429);
  expect(early.body).toMatchObject({ code: 'otp_resend_too_early' });
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(Number(early.headers.get('retry-after'))).toBeLessThanOrEqual(30);
  expect(await stack.messagesOn(phone)).toHaveLength(1);
});

test('many first sends at once make one passcode and one message', async () => {
  const phone = anyPhone();
  const answers = await Promise.all(Array.from({ length: 12 }, () => user.send(phone)));
  const accepted = answers.filter(({ status }) => status === 202);
  expect(accepted).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  await user.shown(phone);
  expect(await user.messages(accepted[0]?.body.id)).toHaveLength(1);
});
