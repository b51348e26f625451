import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buckets } from '../../src/domain/pacing.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const send = async (phone: string): Promise<string> =>
  (await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' })).body.id;
const numberBucket = async () =>
  (
    await stack.database.sql<{ id: string; next_at: string }>(
      `select id, next_at::text from app.send_buckets where tenant_id = $1 and id like 'number/%'`,
      [tenant.id],
    )
  )[0];
const attemptsOf = async (otpId: string) =>
  (await stack.database.sql('select status, attempts from app.messages where flow_id = $1', [otpId]))[0];

/** Empties a recipient's bucket, so that its next token is due in a few seconds. */
async function exhaust(phone: string, channelId: string): Promise<void> {
  const slackMs = buckets.recipient.everyMs * (buckets.recipient.burst - 1);
  await stack.database.sql(
    `insert into app.send_buckets (tenant_id, id, next_at)
     values ($1, $2, clock_timestamp() + make_interval(secs => $3))`,
    [tenant.id, `recipient/${channelId}/${phone}`, slackMs / 1000 + 3],
  );
}

test('a recipient whose bucket is empty waits without a call, costs the number no token, and is written to when it fills', async () => {
  await send(anyPhone());
  const number = await until(numberBucket, (bucket) => bucket !== undefined);
  const phone = anyPhone();
  await exhaust(phone, number?.id.slice('number/'.length) ?? '');

  const otpId = await send(phone);
  const flow = (await stack.temporalClient()).workflow.getHandle(`otp/${tenant.id}/${otpId}`);
  await until(
    async () => (await flow.fetchHistory()).events ?? [],
    (events) => events.some((event) => event.timerStartedEventAttributes),
  );
  expect(await attemptsOf(otpId)).toEqual({ status: 'queued', attempts: 0 });
  expect(await numberBucket()).toEqual(number);

  await until(
    () => stack.messagesOn(phone),
    (shown) => shown.length === 1,
  );
  expect((await attemptsOf(otpId))?.['attempts']).toBe(1);
  expect(await numberBucket()).not.toEqual(number);
});
