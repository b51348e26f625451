import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answers, startProcess } from '../harness/process.ts';
import { createStack, type Stack } from '../harness/stack.ts';

/** Names of our own: roles belong to the whole server, which other tests use as well. */
const [bypassing, member, plain] = ['b', 'm', 'p'].map((letter) => `t_${letter}_${randomUUID().replaceAll('-', '')}`);
const password = randomUUID();
let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
  const { sql } = stack.database;
  await sql(`create role ${plain} login password '${password}' in role carillon_app`);
  await sql(`create role ${bypassing} login bypassrls password '${password}' in role carillon_app`);
  await sql(`create role ${member} login password '${password}' in role carillon_app, app_system`);
});
afterAll(async () => {
  for (const role of [bypassing, member, plain]) await stack.database.sql(`drop role ${role}`);
  await stack.close();
});

const loginAs = (role: string | undefined): string => {
  const url = new URL(stack.database.appUrl);
  [url.username, url.password] = [role ?? '', password];
  return url.toString();
};

/** What `server.ts` says when it ends instead of serving. */
const refusalOf = async (databaseUrl: string): Promise<string> => {
  const env = { ...stack.env, DATABASE_URL: databaseUrl };
  const outcome = startProcess('server.ts', env, () => answers(`${stack.apiUrl}/readyz`));
  return outcome.then(
    (started) => started.kill().then(() => 'it serves'),
    (error: Error) => error.message,
  );
};

test.each([
  ['the owner of the tables', () => stack.database.ownerUrl],
  ['a superuser', () => stack.database.superuserUrl],
  ['a role that may bypass row security', () => loginAs(bypassing)],
  ['a member of the system role', () => loginAs(member)],
])('the API refuses to start as %s, says why, and does not show the password', async (_who, urlOf) => {
  const refusal = await refusalOf(urlOf());
  expect(refusal).toMatch(/ended before it was ready/);
  expect(refusal).toMatch(/DATABASE_URL must log in as a role that row security binds/);
  expect(refusal).not.toContain(new URL(urlOf()).password);
});

test('the API starts as any role that row security binds', async () => {
  expect(await refusalOf(loginAs(plain))).toBe('it serves');
});
