import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { hold, stuck } from '../harness/hold.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { expectPublished, readOpenApi } from '../api/openapi-document.ts';
import { expectProblem } from '../api/problem.ts';
import { newcomer, statusesOf } from './newcomer.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

const refresh = (token: string): Promise<Answer> =>
  stack.call('POST', '/api/v1/auth/refresh', { refresh_token: token });
const logout = (token: string): Promise<Answer> => stack.call('POST', '/api/v1/auth/logout', { refresh_token: token });
const refused = (answer: Answer): void => expectProblem(answer, 401, 'unauthenticated');
const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer');

/** Has it be longer ago that a token was exchanged. */
const later = (token: string, seconds: number) =>
  stack.database.sql(
    `update app.refresh_tokens set used_at = used_at - make_interval(secs => $2) where hash = $1 returning hash`,
    [hashOf(token), seconds],
  );

test('a refresh token gives a new pair, of which each is good, and is kept as a hash alone', async () => {
  const document = await readOpenApi(stack.call);
  const ann = await newcomer(stack.call);
  let token = ann.session.refresh_token as string;
  for (let n = 0; n < 3; n += 1) {
    const answer = await refresh(token);
    expectPublished(document, 'refresh', answer);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 900 });
    expect(answer.body.refresh_token).not.toBe(token);
    token = answer.body.refresh_token;
    const me = await stack.call('GET', '/api/v1/me', undefined, {
      authorization: `Bearer ${answer.body.access_token}`,
    });
    expect(me.body.email).toBe(ann.email);
  }
  const rows = await stack.database.sql(`select t::text as row from app.refresh_tokens t`);
  expect(JSON.stringify(rows)).toContain(hashOf(token).toString('hex'));
  expect(JSON.stringify(rows)).not.toContain(token.slice(4));
});

test('whoever lost an answer gets the same successor, also many at once, and the session lives on', async () => {
  const { session } = await newcomer(stack.call);
  // All of them have begun before the first one may decide.
  const held = await hold(stack, 'select from app.refresh_tokens where hash = $1 for update', [
    hashOf(session.refresh_token),
  ]);
  const asked = Promise.all(Array.from({ length: 8 }, () => refresh(session.refresh_token)));
  await until(
    () => stuck(stack),
    (count) => count === 8,
  );
  await held.release();
  const answers = await asked;
  expect(new Set(statusesOf(answers))).toEqual(new Set([200]));
  const [successor, ...others] = new Set(answers.map(({ body }) => body.refresh_token as string));
  expect(others).toEqual([]);
  await later(session.refresh_token, 9);
  expect((await refresh(session.refresh_token)).body.refresh_token).toBe(successor);
  expect((await refresh(successor ?? '')).status).toBe(200);
});

test('a token that is used again later ends the whole session, for whoever has which token of it, and is written down', async () => {
  const ann = await newcomer(stack.call);
  const tenant = (await ann.call('POST', '/api/v1/tenants', { name: 'T', slug: 'reuse', plan: 'starter' })).body;
  const other = (await stack.call('POST', '/api/v1/auth/login', { email: ann.email, password: ann.password })).body;
  const first = ann.session.refresh_token as string;
  const second = (await refresh(first)).body.refresh_token as string;
  const third = (await refresh(second)).body.refresh_token as string;
  expect(await later(first, 11)).toHaveLength(1);

  const reused = await refresh(first);
  refused(reused);
  for (const token of [second, third, first]) refused(await refresh(token));
  const user = (await ann.call('GET', '/api/v1/me')).body.id;
  expect(
    await stack.database.sql(
      `select tenant_id, actor_type, target_id, request_id from app.audit_log where action = 'session.reuse'`,
    ),
  ).toEqual([
    {
      tenant_id: tenant.id,
      actor_type: 'system',
      target_id: user,
      request_id: reused.headers.get('x-request-id'),
    },
  ]);
  expect(stack.output()).toContain('a refresh token was used twice');
  for (const token of [first, second, third]) expect(stack.output()).not.toContain(token);
  // Another sign-in of the same user is another session.
  expect((await refresh(other.refresh_token)).status).toBe(200);
});

test.each([
  ['the reuse comes first', true],
  ['the exchange comes first', false],
])('a reuse ends the session also while its newest token is being exchanged: %s', async (_which, reuseFirst) => {
  const { session } = await newcomer(stack.call);
  const second = (await refresh(session.refresh_token)).body.refresh_token as string;
  await later(session.refresh_token, 11);
  const family = `select from app.refresh_families f join app.refresh_tokens t on t.family_id = f.id
    where t.hash = $1 for update of f`;
  const held = await hold(stack, family, [hashOf(second)]);
  const asked: Promise<Answer>[] = [];
  for (const token of reuseFirst ? [session.refresh_token, second] : [second, session.refresh_token]) {
    asked.push(refresh(token));
    await until(
      () => stuck(stack),
      (count) => count === asked.length,
    );
  }
  await held.release();
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual(reuseFirst ? [401, 401] : [200, 401]);
  const newest = answers.find(({ status }) => status === 200)?.body.refresh_token ?? second;
  refused(await refresh(newest));
});

test('logging out ends a session by any of its tokens, and access tokens live on for their minutes', async () => {
  const ann = await newcomer(stack.call);
  const second = (await refresh(ann.session.refresh_token)).body.refresh_token as string;
  const answer = await logout(ann.session.refresh_token);
  expect([answer.status, answer.text]).toEqual([204, '']);
  refused(await refresh(second));
  expect((await ann.call('GET', '/api/v1/me')).status).toBe(200);
});

test('what nobody has issued is refused, and to log out with it says nothing', async () => {
  const { session } = await newcomer(stack.call);
  const forged = [`crr_${'A'.repeat(43)}`, 'crr_', 'x', `${session.refresh_token}A`];
  for (const token of forged) {
    refused(await refresh(token));
    expect((await logout(token)).status).toBe(204);
  }
  expect((await refresh(session.refresh_token)).status).toBe(200);
});

test('a session ends when it was not used, and at its limit, and is then swept away', async () => {
  const { session } = await newcomer(stack.call);
  const set = (column: string, value: string) =>
    stack.database.sql(
      `update app.refresh_families f set ${column} = ${value} from app.refresh_tokens t
       where t.hash = $1 and f.id = t.family_id returning f.expires_at - clock_timestamp() < interval '2 days' as soon`,
      [hashOf(session.refresh_token)],
    );
  // The 90 days from the sign-in are nearly over: an exchange does not move the end on.
  await set('created_at', `clock_timestamp() - interval '89 days'`);
  const next = (await refresh(session.refresh_token)).body.refresh_token as string;
  expect(await set('user_id', 'f.user_id')).toEqual([{ soon: true }]);
  await set('expires_at', `clock_timestamp() - interval '1 second'`);
  refused(await refresh(next));
  await stack.database.sql('select app.sweep_refresh_families(1000)');
  expect(await stack.database.sql('select from app.refresh_tokens where hash = $1', [hashOf(next)])).toEqual([]);
});
