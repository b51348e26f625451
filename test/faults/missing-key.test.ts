import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, codeIn, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

test.each(['ENCRYPTION_KEYS', 'OTP_PEPPERS'])(
  'a message that a worker with other %s could not prepare was surely not sent, and the next worker sends it',
  async (setting) => {
    const phone = anyPhone();
    const keyless = await stack.startWorker({ [setting]: `k2:${randomBytes(32).toString('base64')}` });
    const { id } = (await user.send(phone)).body;
    await until(
      () => user.messages(id),
      ([message]) => message?.attempts >= 2 && message.status === 'queued',
    );
    await keyless.stop();

    const able = await stack.startWorker();
    const [message] = await user.shown(phone);
    expect((await user.verify(phone, codeIn(message))).body).toEqual({ verified: true, id });
    await expect(user.outcome(id)).resolves.toBe('verified');
    expect(await user.messages(id)).toHaveLength(1);
    expect((await stack.ledger()).filter(({ to }) => to === phone)).toHaveLength(1);
    await able.stop();
  },
);
