import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  // No worker sends any of them, which is nothing that a client is refused for here.
  stack = await createStack({ env: { OTP_BACKLOG_SECONDS: '3600' } });
  await stack.startApi('false', { untilReady: false });
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(() => stack.close());

// A client's budget begins anew at the full hour: a test must not straddle two of them.
beforeEach(async () => {
  const left = `select 3600 - extract(epoch from clock_timestamp())::integer % 3600 as seconds`;
  await until(
    () => stack.database.sql<{ seconds: number }>(left),
    ([row]) => (row?.seconds ?? 0) > 10,
  );
});

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

const acceptedOf = (answers: Answer[]): number => {
  for (const answer of answers) if (answer.status !== 202) expectOverBudget(answer);
  return answers.filter(({ status }) => status === 202).length;
};

test('of sixty sends at once from one client address exactly twenty are accepted', async () => {
  const asked = Array.from({ length: 60 }, () => user.send(anyPhone(), { client_ip: '198.51.100.60' }));
  expect(acceptedOf(await Promise.all(asked))).toBe(20);
});

test('a resend is charged to the address that asks for it, and not to the one that asked first', async () => {
  const sends = await Promise.all(
    Array.from({ length: 25 }, async (_, n) => {
      const phone = anyPhone();
      const { body } = await user.send(phone, { client_ip: `192.0.2.${100 + n}` });
      await user.endWait(body.id);
      return phone;
    }),
  );
  const again = await Promise.all(sends.map((phone) => user.send(phone, { client_ip: '192.0.2.99' })));
  expect(acceptedOf(again)).toBe(20);
});

test('a send that is refused for another reason takes nothing from its client', async () => {
  const from = { client_ip: '198.51.100.61' };
  const phone = anyPhone();
  const raced = await Promise.all(Array.from({ length: 12 }, () => user.send(phone, from)));
  expect(raced.filter(({ status }) => status === 202)).toHaveLength(1);
  for (let n = 0; n < 5; n += 1) expect((await user.send(phone, from)).body.code).toBe('otp_resend_too_early');
  const more = await Promise.all(Array.from({ length: 30 }, () => user.send(anyPhone(), from)));
  expect(acceptedOf(more)).toBe(19);
});

test('the addresses of past hours do not stay', async () => {
  const { id, call } = await stack.tenants.make();
  await stack.database.sql(
    `insert into app.rate_windows (tenant_id, subject, window_start, granted)
     select $1, 'otp_client:203.0.113.' || n, date_trunc('hour', clock_timestamp()) - interval '1 hour', 20
     from generate_series(101, 110) as n`,
    [id],
  );
  // One that comes back in the next hour has its whole budget again.
  const body = { phone_number: anyPhone(), purpose: 'signup', client_ip: '203.0.113.105' };
  expect((await call('POST', '/api/v1/otp/send', body)).status).toBe(202);
  const left = `select subject, granted from app.rate_windows where tenant_id = $1 and subject like 'otp_client:%'`;
  expect(await stack.database.sql(left, [id])).toEqual([{ subject: 'otp_client:203.0.113.105', granted: 1 }]);
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
