import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
});
afterAll(() => stack.close());

test('a token that the provider refuses for a passcode stops its channel, alerts once, and later passcodes are refused at once', async () => {
  const tenant = await stack.tenants.make();
  const otp = otpUser(stack, tenant);
  const phone = anyPhone();
  await stack.sandbox('POST', '/faults', { kind: 'refused', code: 190, to: phone, count: 1 });
  const { id } = (await otp.send(phone)).body;
  expect(await otp.outcome(id)).toBe('undeliverable');
  const alerts = await until(
    async () => (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data,
    (open) => open.length > 0,
  );
  expect(alerts).toMatchObject([{ kind: 'channel_reauthorise', occurrences: 1 }]);
  expect((await tenant.call('GET', '/api/v1/channels')).body.data).toMatchObject([
    { status: 'paused', pause_reason: 'reauthorise' },
  ]);
  expect((await otp.send(anyPhone())).status).toBe(409);
});

test('a passcode does not wait behind the messages of its own number', async () => {
  const tenant = await stack.tenants.make();
  const user = messenger(stack, tenant);
  const otp = otpUser(stack, tenant);
  const slow = await tenant.call('PATCH', `/api/v1/channels/${await user.channelId()}`, { throughput_per_second: 5 });
  expect(slow.status).toBe(200);
  const phones = Array.from({ length: 40 }, anyPhone);
  await stack.database.sql(
    `insert into app.conversations (tenant_id, id, channel_id, phone, last_inbound_at, closes_at)
     select $1, gen_random_uuid(), $2, phone, now(), now() + interval '1 day' from unnest($3::text[]) phone`,
    [tenant.id, await user.channelId(), phones],
  );
  const ids = await Promise.all(phones.map((to) => user.planned({ to, text: 'Hello' })));
  await until(
    () => Promise.all(ids.map((id) => user.get(id))),
    (seen) => seen.some(({ reason }) => reason === 'number_pace'),
  );
  const { id } = await otp.delivered(anyPhone());
  const waiting = await Promise.all(ids.map((message) => user.get(message)));
  expect(waiting.filter(({ status }) => status === 'queued').length).toBeGreaterThan(5);
  expect(await otp.otp(id)).toMatchObject({ status: 'pending' });
});
