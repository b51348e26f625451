import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOtpCodes } from '../../src/domain/otp-code.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
});
afterAll(() => stack.close());

const waiting = async (): Promise<{ operation: string; flow_id: string }[]> =>
  stack.database.sql('select operation, flow_id from app.outbox order by id');

/** The code of a passcode that has not been sent: only who has the pepper can tell it. */
function codeOf(otpId: string): string {
  const [kid = '', pepper = ''] = (stack.env['OTP_PEPPERS'] ?? '').split(':');
  return createOtpCodes(new Map([[kid, Buffer.from(pepper, 'base64')]])).codeOf(kid, tenant.id, otpId);
}

test('what happens to a passcode before its start is delivered reaches its workflow after the start', async () => {
  const alone = await stack.startApiAlone();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  const [used, dropped, late] = [anyPhone(), anyPhone(), anyPhone()];
  const verified = (await user.send(used)).body.id;
  expect((await user.verify(used, codeOf(verified))).body).toEqual({ verified: true, id: verified });
  const cancelled = (await user.send(dropped)).body.id;
  await user.cancel(cancelled);
  const pending = (await user.send(late)).body.id;
  expect((await waiting()).map(({ operation }) => operation)).toEqual(['start', 'signal', 'start', 'signal', 'start']);

  // The start of the third still waits when an API that does reach Temporal is asked to cancel it.
  await alone.kill();
  await stack.startApi('false');
  await user.cancel(pending);
  await stack.startWorker();
  await expect(user.outcome(verified)).resolves.toBe('verified');
  await expect(user.outcome(cancelled)).resolves.toBe('cancelled');
  await expect(user.outcome(pending)).resolves.toBe('cancelled');
  await until(waiting, (rows) => rows.length === 0);
  expect(await stack.ledger()).toEqual([]);
});
