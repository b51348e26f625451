import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { hold, stuck } from '../harness/hold.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { expectProblem } from '../api/problem.ts';
import { newcomer, statusesOf, type Newcomer } from './newcomer.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

const NEW = 'a short walk in the sun';
const change = (person: Newcomer, current = person.password, next = NEW): Promise<Answer> =>
  person.call('POST', '/api/v1/me/password', { current_password: current, new_password: next });
const login = (email: string, password: string): Promise<Answer> =>
  stack.call('POST', '/api/v1/auth/login', { email, password });
const refresh = (token: string): Promise<Answer> =>
  stack.call('POST', '/api/v1/auth/refresh', { refresh_token: token });
const wrong = (answer: Answer): void => {
  expectProblem(answer, 422, 'invalid_request');
  expect(answer.body.errors).toEqual([{ path: 'current_password', message: 'is not your password' }]);
};
/** As whoever changes the row does: what refers to the user, such as the count of their requests, may come beside. */
const holdUser = ({ email }: Newcomer) =>
  hold(stack, 'select from app.users where email = $1 for no key update', [email]);
const untilStuck = (count: number) =>
  until(
    () => stuck(stack),
    (seen) => seen === count,
  );

describe('a changed password', () => {
  test('is the only one that counts, and ends every session but the one in the answer', async () => {
    const ann = await newcomer(stack.call);
    const other = (await login(ann.email, ann.password)).body;
    const bystander = await newcomer(stack.call);
    const answer = await change(ann);
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: expect.stringMatching(/^crr_/),
      },
    ]);
    for (const { refresh_token } of [ann.session, other])
      expectProblem(await refresh(refresh_token), 401, 'unauthenticated');
    expectProblem(await login(ann.email, ann.password), 401, 'unauthenticated');
    expect((await login(ann.email, NEW)).status).toBe(200);
    const authorization = `Bearer ${answer.body.access_token}`;
    expect((await stack.call('GET', '/api/v1/me', undefined, { authorization })).body.email).toBe(ann.email);
    expect((await refresh(answer.body.refresh_token)).status).toBe(200);
    // As after a logout.
    expect((await ann.call('GET', '/api/v1/me')).status).toBe(200);
    expect((await refresh(bystander.session.refresh_token)).status).toBe(200);
  });

  test('is written down in each tenant of the user, as who and what, and nowhere as a text', async () => {
    const ann = await newcomer(stack.call);
    const tenants: number[] = [];
    for (const n of [1, 2]) {
      const body = { name: 'T', slug: `passwords-${n}`, plan: 'starter' };
      tenants.push((await ann.call('POST', '/api/v1/tenants', body)).body.id);
    }
    const { id } = (await ann.call('GET', '/api/v1/me')).body;
    const answer = await change(ann);
    const entries = await stack.database.sql(
      `select tenant_id, actor_type, actor_id, target_type, target_id, fields, request_id from app.audit_log
       where action = 'password.change' order by tenant_id`,
    );
    const entry = { actor_type: 'user', actor_id: id, target_type: 'user', target_id: id, fields: ['password'] };
    const request_id = answer.headers.get('x-request-id');
    expect(entries).toEqual(tenants.map((tenant_id) => ({ tenant_id, ...entry, request_id })));
    for (const text of [NEW, ann.password, answer.body.refresh_token]) expect(stack.output()).not.toContain(text);
  });

  test.each([
    ['is too short', 'short'],
    ['is too long', 'long '.repeat(41)],
    ['is one that many have', 'password1234'],
    ['is the one of now', 'a long walk in the rain'],
  ])('is refused where it %s, and nothing changes', async (_why, next) => {
    const ann = await newcomer(stack.call);
    const answer = await change(ann, ann.password, next);
    expectProblem(answer, 422, 'invalid_request');
    expect(answer.body.errors).toEqual([{ path: 'new_password', message: expect.any(String) }]);
    expect((await refresh(ann.session.refresh_token)).status).toBe(200);
    expect((await login(ann.email, ann.password)).status).toBe(200);
  });

  test('is refused where it follows from the name or the address of the user', async () => {
    const ann = await newcomer(stack.call, 'annabelle.lee@people.test');
    expectProblem(await change(ann, ann.password, 'annabelle2026!'), 422, 'invalid_request');
    expectProblem(await change(ann, ann.password, 'Newcomer123'), 422, 'invalid_request');
  });
});

/** Signs in over a connection from another address of this machine. */
const loginFrom = (localAddress: string, email: string, password: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', localAddress, headers, agent: false };
    request(`${stack.apiUrl}/api/v1/auth/login`, options, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end(JSON.stringify({ email, password }));
  });

test('wrong current passwords count as failed sign-ins, of that user and client alone, and change nothing', async () => {
  const [ann, bob] = [await newcomer(stack.call), await newcomer(stack.call)];
  const answers = await Promise.all(Array.from({ length: 15 }, (_, n) => change(ann, `guess ${n}`)));
  const heard = answers.filter(({ status }) => status === 422);
  expect(heard).toHaveLength(10);
  for (const answer of heard) wrong(answer);
  const [tired, ...others] = answers.filter(({ status }) => status === 429);
  expect(others).toHaveLength(4);
  expect(Number(tired?.headers.get('retry-after'))).toBeGreaterThan(600);
  expectProblem(await change(ann), 429, 'rate_limited');
  expectProblem(await login(ann.email, ann.password), 429, 'rate_limited');
  expect(await loginFrom('127.0.0.2', ann.email, ann.password)).toBe(200);
  expect((await change(bob)).status).toBe(200);
  expect((await refresh(ann.session.refresh_token)).status).toBe(200);
});

describe('at the same time', () => {
  test('of two changes with the same current password one is made, and only its session lives', async () => {
    const ann = await newcomer(stack.call);
    const held = await holdUser(ann);
    const asked = ['the first of the two', 'the second of the two'].map((next) => change(ann, ann.password, next));
    await untilStuck(2);
    await held.release();
    const answers = await Promise.all(asked);
    expect(statusesOf(answers)).toEqual([200, 422]);
    wrong(answers.find(({ status }) => status === 422) as Answer);
    const signedIn = [];
    for (const next of ['the first of the two', 'the second of the two'])
      signedIn.push((await login(ann.email, next)).status);
    expect(signedIn).toEqual(answers.map(({ status }) => (status === 200 ? 200 : 401)));
    const alive = await stack.database.sql(
      `select from app.refresh_families f join app.users u on u.id = f.user_id
       where u.email = $1 and f.ended_at is null`,
      [ann.email],
    );
    // That of the answer, and that of the sign-in just now.
    expect(alive).toHaveLength(2);
  });

  test('a sign-in with the password of before, which was checked already, opens no session', async () => {
    const ann = await newcomer(stack.call);
    const held = await holdUser(ann);
    const changed = change(ann);
    await untilStuck(1);
    const late = login(ann.email, ann.password);
    await untilStuck(2);
    await held.release();
    expect((await changed).status).toBe(200);
    expectProblem(await late, 401, 'unauthenticated');
  });

  test('a sign-in that came first has its session ended by the change', async () => {
    const ann = await newcomer(stack.call);
    const held = await holdUser(ann);
    const first = login(ann.email, ann.password);
    await untilStuck(1);
    const changed = change(ann);
    await untilStuck(2);
    await held.release();
    const session = await first;
    expect([session.status, (await changed).status]).toEqual([200, 200]);
    expectProblem(await refresh(session.body.refresh_token), 401, 'unauthenticated');
  });

  test('an exchange of a refresh token under way ends with the others', async () => {
    const ann = await newcomer(stack.call);
    const held = await hold(
      stack,
      `select from app.refresh_families f join app.users u on u.id = f.user_id where u.email = $1 for update of f`,
      [ann.email],
    );
    const exchanged = refresh(ann.session.refresh_token);
    await untilStuck(1);
    const changed = change(ann);
    await untilStuck(2);
    await held.release();
    expect((await changed).status).toBe(200);
    const successor = (await exchanged).body.refresh_token as string;
    expectProblem(await refresh(successor), 401, 'unauthenticated');
  });
});
