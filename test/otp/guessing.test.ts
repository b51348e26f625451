import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otherThan, otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

const attemptsOf = async (id: string): Promise<number> =>
  (await stack.database.sql<{ attempts: number }>('select attempts from app.otps where id = $1', [id]))[0]?.attempts ??
  -1;

test.each([1, 2, 3])('a hundred wrong codes and the right one at once: five count, one may win (%i)', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  const guesses = Array.from({ length: 101 }, (_, n) => otherThan(code, n)).toSorted(() => Math.random() - 0.5);

  const answers = await Promise.all(guesses.map((guess) => user.verify(phone, guess)));
  const won = answers.filter(({ body }) => body.verified === true);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(won.length).toBeLessThanOrEqual(1);
  const attempts = await attemptsOf(id);
  expect(attempts).toBeGreaterThanOrEqual(1);
  expect(attempts).toBeLessThanOrEqual(5);

  const expected = won.length === 1 ? 'verified' : 'locked';
  expect(await user.otp(id)).toMatchObject({ status: expected });
  expect(await user.flow(id)).toMatchObject({ status: 'completed', outcome: expected });
  await expect(user.outcome(id)).resolves.toBe(expected);
});

test('the right code many times at once is right once', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.verify(phone, code)));
  expect(answers.filter(({ body }) => body.verified === true)).toHaveLength(1);
  expect(await attemptsOf(id)).toBe(1);
  const usage = await stack.database.sql(
    `select 1 from app.usage_events where kind = 'otp_verified' and source_id = $1`,
    [id],
  );
  expect(usage).toHaveLength(1);
});
