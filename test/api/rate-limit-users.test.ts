import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { anyEmail, newcomer } from '../identity/newcomer.ts';
import { awayFromTheFullHour } from './full-hour.ts';
import { createPerson } from './people.ts';
import { expectProblem } from './problem.ts';

const LIMIT = 12;

let stack: Stack;
let tenant: TestTenant;
beforeAll(async () => {
  stack = await createStack({ env: { USER_REQUESTS_PER_HOUR: String(LIMIT) } });
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());
beforeEach(() => awayFromTheFullHour(stack, 30), 60_000);

const policyOf = ({ headers }: Answer) => headers.get('ratelimit-policy');
const left = ({ headers }: Answer): number => Number(/;r=(\d+);/.exec(headers.get('ratelimit') ?? '')?.[1] ?? NaN);

test('a user has so many requests an hour, wherever they go, and then 429 with when to come back', async () => {
  const user = await createPerson(stack, { [tenant.id]: 'member' });
  const paths = ['/api/v1/me', '/api/v1/tenants', `/api/v1/tenants/${tenant.id}`, '/api/v1/alerts'];
  for (let n = 0; n < LIMIT; n += 1) {
    const answer = await user.call('GET', paths[n % paths.length] ?? '');
    expect([answer.status, policyOf(answer), left(answer)]).toEqual([200, `"user";q=${LIMIT};w=3600`, LIMIT - n - 1]);
  }
  for (const path of paths) {
    const refused = await user.call('GET', path);
    expectProblem(refused, 429, 'rate_limited');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(refused.headers.get('ratelimit')).toBe(`"user";r=0;t=${seconds}`);
  }
  const other = await createPerson(stack, { [tenant.id]: 'member' });
  expect((await other.call('GET', '/api/v1/me')).status).toBe(200);
  expect((await tenant.call('GET', '/api/v1/alerts')).status).toBe(200);
});

test('of a user who asks forty times at once exactly so many are answered', async () => {
  const user = await createPerson(stack);
  const answers = await Promise.all(Array.from({ length: 40 }, () => user.call('GET', '/api/v1/me')));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(LIMIT);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - LIMIT);
});

test('what is refused for another reason counts, and says what is left', async () => {
  const user = await createPerson(stack, { [tenant.id]: 'viewer' });
  const answers = [
    [403, await user.call('POST', `/api/v1/tenants/${tenant.id}/restore`)],
    [403, await user.call('POST', `/api/v1/tenants/${tenant.id}/api-keys`, { name: 'k', permissions: ['read'] })],
    [404, await user.call('GET', '/api/v1/contacts/no-id')],
    [404, await user.call('GET', '/api/v1/tenants/no-id/members')],
    [404, await user.call('GET', '/api/v1/tenants/999999')],
    [422, await user.call('POST', '/api/v1/tenants', {})],
    [422, await user.call('GET', '/api/v1/tenants?more=1')],
    [400, await user.call('POST', '/api/v1/tenants', '{')],
  ] as const;
  answers.forEach(([status, answer], n) => {
    expect([answer.status, policyOf(answer), left(answer)]).toEqual([
      status,
      `"user";q=${LIMIT};w=3600`,
      LIMIT - n - 1,
    ]);
  });
});

test('so it is with a key; who is not known is not counted', async () => {
  const { key } = await stack.tenants.makeKey(tenant.id, { rate_limit: 10, permissions: ['read'] });
  const call = (method: string, path: string, body?: unknown) =>
    stack.call(method, path, body, { 'x-api-key': key as string });
  const answers = [
    [404, await call('GET', '/api/v1/contacts/no-id')],
    [404, await call('GET', '/api/v1/tenants/no-id')],
    [403, await call('POST', '/api/v1/contacts', {})],
    [422, await call('GET', '/api/v1/contacts?more=1')],
  ] as const;
  answers.forEach(([status, answer], n) => {
    expect([answer.status, policyOf(answer), left(answer)]).toEqual([status, '"key";q=10;w=3600', 9 - n]);
  });
  for (const headers of [{}, { 'x-api-key': 'ck_of_nobody' }, { authorization: 'Bearer of.no.body' }]) {
    const answer = await stack.call('GET', '/api/v1/contacts/no-id', undefined, headers);
    expect([answer.status, policyOf(answer), left(answer)]).toEqual([401, null, NaN]);
  }
});

test('a sign-up says what is left to its address, also where it is refused, and one that fails takes nothing', async () => {
  const signUp = (body: object) => stack.call('POST', '/api/v1/auth/signup', body);
  const person = { email: anyEmail(), password: 'a long walk in the rain', name: 'Ann' };
  const refused = [await signUp({}), await signUp({ ...person, password: 'password1' })];
  const [first, again] = [await signUp(person), await signUp(person)];
  expect([...refused, first, again].map(({ status }) => status)).toEqual([422, 422, 202, 202]);
  for (const answer of [...refused, first, again]) expect(policyOf(answer)).toBe('"client-signup";q=100;w=3600');
  expect(refused.map(left)).toEqual([left(first) + 1, left(first) + 1]);
  // An address that somebody has costs the same.
  expect(left(again)).toBe(left(first) - 1);
});

test('signing in says how often it may fail, alike for an address that nobody has', async () => {
  const person = await newcomer(stack.call);
  const login = (email: string, password: string) => stack.call('POST', '/api/v1/auth/login', { email, password });
  const told = async (email: string) => {
    const answers = [await login(email, 'guess 1'), await login(email, 'guess 2')];
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    return answers.map((answer) => [policyOf(answer), left(answer)]);
  };
  const known = await told(person.email);
  expect(known).toEqual([
    ['"client-login";q=10;w=900', 9],
    ['"client-login";q=10;w=900', 8],
  ]);
  expect(await told(anyEmail())).toEqual(known);
  const right = await login(person.email, person.password);
  expect([right.status, left(right)]).toEqual([200, 8]);
});
