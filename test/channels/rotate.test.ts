import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codeIn, anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
});
afterAll(() => stack.close());

const root = new URL('../..', import.meta.url).pathname;

/** The command as an operator runs it. */
const rotate = async (keys: string): Promise<string> => {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'test', ...stack.env, ENCRYPTION_KEYS: keys };
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/rotate-keys.ts'], { cwd: root, env });
  return stdout;
};

test('after a rotation the old key is of no use and nobody needs it', async () => {
  const api = await stack.startApi();
  const tenants = [await stack.tenants.make(), await stack.tenants.make()];
  await api.stop();
  const [tenant] = tenants;
  const kids = `select distinct credentials ->> 'kid' as a, verification ->> 'kid' as b from app.channels`;
  expect(await stack.database.sql(kids)).toEqual([{ a: 'k1', b: 'k1' }]);

  const [old, fresh] = [stack.env['ENCRYPTION_KEYS'] ?? '', `k2:${randomBytes(32).toString('base64')}`];
  expect(await rotate(`${fresh},${old}`)).toMatch(/secrets of [1-9]\d* channels .* k2/);
  expect(await stack.database.sql(kids)).toEqual([{ a: 'k2', b: 'k2' }]);
  const rows = await stack.database.sql('select credentials, verification from app.channels order by id');
  expect(await rotate(`${fresh},${old}`)).toMatch(/secrets of 0 channels/);
  expect(await stack.database.sql('select credentials, verification from app.channels order by id')).toEqual(rows);

  // Without the old key: a passcode goes out, and Meta's word of it comes in.
  await stack.startApi('true', { env: { ENCRYPTION_KEYS: fresh } });
  const phone = anyPhone();
  await tenant?.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' });
  const [message] = await until(
    () => stack.messagesOn(phone),
    (shown) => shown.length > 0,
  );
  expect(codeIn(message)).toMatch(/^\d{6}$/);
  await until(
    () => stack.database.sql(`select from app.messages where recipient = $1 and status = 'read'`, [phone]),
    (read) => read.length === 1,
  );
});

test('a ring that lacks a key that is in use says so, and changes nothing', async () => {
  const sealed = () => stack.database.sql('select credentials, verification from app.channels order by id');
  const before = await sealed();
  await expect(rotate(`k9:${randomBytes(32).toString('base64')}`)).rejects.toThrow('has no key k2');
  expect(await sealed()).toEqual(before);
});
