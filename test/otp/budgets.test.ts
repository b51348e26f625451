import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false', { untilReady: false });
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

const expectOverBudget = ({ status, body, headers }: Answer): void => {
  expect(status).toBe(429);
  expect(body).toMatchObject({ code: 'otp_budget_exceeded' });
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
};

/** Asks from one address until it is refused; a passcode of another phone each time. */
async function acceptedFrom(addresses: (n: number) => string): Promise<number> {
  for (let n = 0; n < 30; n += 1) {
    const answer = await user.send(anyPhone(), { client_ip: addresses(n) });
    if (answer.status !== 202) {
      expectOverBudget(answer);
      return n;
    }
  }
  return 30;
}

test('a phone and purpose get five sends in ten minutes, resends and ended passcodes included', async () => {
  const phone = anyPhone();
  for (let n = 1; n <= 5; n += 1) {
    const answer = await user.send(phone);
    expect(answer.status).toBe(202);
    if (n % 2 === 0) await user.cancel(answer.body.id);
    else await user.endWait(answer.body.id);
  }
  expectOverBudget(await user.send(phone));
  expect((await user.send(phone, { purpose: 'login' })).status).toBe(202);

  const moved = `update app.otps set created_at = created_at - interval '11 minutes',
    asked_at = array(select at - interval '11 minutes' from unnest(asked_at) as t (at)) where phone = $1`;
  await stack.database.sql(moved, [phone]);
  expect((await user.send(phone)).status).toBe(202);
});

test('one client address gets its own budget, whatever phones it asks for', async () => {
  expect(await acceptedFrom(() => '198.51.100.7')).toBe(20);
  expect((await user.send(anyPhone(), { client_ip: '198.51.100.8' })).status).toBe(202);
});

test('an IPv6 client is its /64, however it writes its addresses', async () => {
  expect(await acceptedFrom((n) => (n % 2 ? `2001:db8:0:7::${n}` : `2001:0DB8:0000:0007:a:b:c:${n}`))).toBe(20);
  expect((await user.send(anyPhone(), { client_ip: '2001:db8:0:8::1' })).status).toBe(202);
});

test('an IPv4 address that is written as IPv6 is that address, and not everybody', async () => {
  expect(await acceptedFrom((n) => `::ffff:203.0.113.${n}`)).toBe(30);
  expect(await acceptedFrom((n) => (n % 2 ? '::ffff:192.0.2.9' : '192.0.2.9'))).toBe(20);
});

test('a tenant that has used up its minute is told when the next one begins, and others are not', async () => {
  const [busy, other] = [await stack.tenants.make(), await stack.tenants.make()];
  await stack.database.sql(
    `insert into app.rate_windows (tenant_id, subject, window_start, granted)
     select $1, 'otp', date_trunc('minute', clock_timestamp()) + n * interval '1 minute', 3000
     from generate_series(0, 1) as n`,
    [busy.id],
  );
  const answer = await otpUser(stack, busy).send(anyPhone());
  expectOverBudget(answer);
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect((await otpUser(stack, other).send(anyPhone())).status).toBe(202);
});
