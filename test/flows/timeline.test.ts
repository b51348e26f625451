import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { allowBriefLives, brief, otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await allowBriefLives(stack);
  api = await stack.startApi();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(() => stack.close());

const timeline = async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/flows/${id}/timeline`)).body;
const whats = ({ past }: Json): string[] => past.map(({ what }: Json) => what);

test('the timeline of an expired passcode says that the flow ended it', async () => {
  const { id } = await user.delivered(anyPhone(), brief);
  await user.outcome(id);
  const { past, current, future } = await timeline(id);
  expect(past.at(-1)).toMatchObject({ what: 'otp.expired', by: 'flow' });
  expect(current).toEqual({ stage: 'ended', status: 'completed', outcome: 'expired' });
  expect(future).toEqual([]);
});

test('a timeline tells past, present and future from rows, and goes on without worker and Temporal', async () => {
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  const running = await until(
    () => timeline(id),
    (seen) => whats(seen).includes('message.read') && whats(seen).includes('message.accepted'),
  );
  expect(whats(running).slice(0, 2).toSorted()).toEqual(['message.planned', 'otp.send']);
  expect(running.past.map(({ at }: Json) => at)).toEqual(running.past.map(({ at }: Json) => at).toSorted());
  expect(running.current).toEqual({ stage: 'awaiting_code', status: 'running', outcome: null });
  const { expires_at } = await user.otp(id);
  expect(running.future).toMatchObject([{ at: expires_at, what: 'expire' }]);

  await api.kill();
  await stack.startApiAlone();
  expect(await timeline(id)).toEqual(running);

  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
  const ended = await timeline(id);
  expect(ended.past.at(-1)).toMatchObject({ what: 'otp.verified', by: 'api_key' });
  expect(whats(ended).slice(0, -1)).toEqual(whats(running));
  expect(ended.current).toEqual({ stage: 'ended', status: 'completed', outcome: 'verified' });
  expect(ended.future).toEqual([]);
});
