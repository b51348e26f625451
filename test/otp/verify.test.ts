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

/** A passcode whose code has been guessed wrong five times. */
async function locked(phone: string): Promise<{ id: string; code: string }> {
  const passcode = await user.delivered(phone);
  for (let n = 1; n <= 5; n += 1) await user.verify(phone, otherThan(passcode.code, n));
  return passcode;
}

test('five wrong codes lock a passcode until its time is over, even for the right code', async () => {
  const phone = anyPhone();
  const { id, code } = await locked(phone);
  expect((await user.verify(phone, code)).body).toEqual({ verified: false });
  expect(await user.otp(id)).toMatchObject({ status: 'locked', attempts_remaining: 0 });
  await expect(user.outcome(id)).resolves.toBe('locked');

  const refused = await user.send(phone);
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({ code: 'otp_locked' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(200);

  await user.endLife(id);
  const next = await user.send(phone);
  expect(next.status).toBe(202);
  expect(next.body.id).not.toBe(id);
});

test('a caller cannot tell a wrong code from one that is expired, used, locked or was never sent', async () => {
  const [wrong, expired, used, guessed] = [anyPhone(), anyPhone(), anyPhone(), anyPhone()];
  const right = await user.delivered(wrong);
  const late = await user.delivered(expired);
  await user.endLife(late.id);
  const once = await user.delivered(used);
  await user.verify(used, once.code);
  const over = await locked(guessed);

  const answers = await Promise.all([
    user.verify(wrong, otherThan(right.code)),
    user.verify(expired, late.code),
    user.verify(used, once.code),
    user.verify(guessed, over.code),
    user.verify(anyPhone(), '123456'),
  ]);
  const seen = answers.map(({ status, text, headers }) => ({ status, text, type: headers.get('content-type') }));
  expect(new Set(seen.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(seen[0]).toMatchObject({ status: 200, text: '{"verified":false}' });
});

test('a code for one purpose is worth nothing for another, and does not cost it an attempt', async () => {
  const phone = anyPhone();
  const signup = await user.delivered(phone);
  const login = (await user.send(phone, { purpose: 'login' })).body;
  await user.shown(phone, 2);
  expect((await user.verify(phone, signup.code, 'login')).body).toEqual({ verified: false });
  expect(await user.otp(login.id)).toMatchObject({ status: 'pending', attempts_remaining: 4 });
  expect(await user.otp(signup.id)).toMatchObject({ status: 'pending', attempts_remaining: 5 });
  expect((await user.verify(phone, signup.code)).body).toEqual({ verified: true, id: signup.id });
});

test('no row of any table holds a code', async () => {
  const codes: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const phone = anyPhone();
    const { code } = await user.delivered(phone);
    await user.verify(phone, otherThan(code));
    if (n > 0) await user.verify(phone, code);
    codes.push(code);
  }
  const tables = await stack.database.sql<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind = 'r'`,
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    // A row as text has its JSON as text and its bytes as hex.
    const found = await stack.database.sql<{ row: string }>(`select t::text as row from ${name} t`);
    rows.push(...found.map(({ row }) => row));
  }
  expect(rows.length).toBeGreaterThan(20);
  for (const code of codes) {
    const asBytes = Buffer.from(code);
    const forms = [`(?<![0-9a-z.])${code}(?![0-9a-z])`, asBytes.toString('hex'), asBytes.toString('base64')];
    expect(rows.filter((row) => new RegExp(forms.join('|')).test(row))).toEqual([]);
  }
});
