import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { env, execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { hold, stuck } from '../harness/hold.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { expectProblem } from '../api/problem.ts';
import { anyEmail, newcomer, statusesOf } from './newcomer.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

const NEW = 'a short walk in the sun';
const offer = (email: string): Promise<Answer> => stack.tenants.asAdmin('POST', '/api/v1/password-resets', { email });
const reset = (token: string, next = NEW): Promise<Answer> =>
  stack.call('POST', '/api/v1/auth/reset-password', { token, new_password: next });
const login = (email: string, password: string): Promise<Answer> =>
  stack.call('POST', '/api/v1/auth/login', { email, password });
const age = (token: string, minutes: number) =>
  stack.database.sql(
    'update app.password_resets set expires_at = expires_at - make_interval(mins => $2) where hash = $1 returning user_id',
    [hash('sha256', token, 'buffer'), minutes],
  );
const actions = (userId: string) =>
  stack.database.sql(
    `select action, actor_type, actor_id from app.audit_log where target_id = $1 and action like 'password.%' order by at`,
    [userId],
  );

describe('a token that a platform admin gives', () => {
  test('lets its bearer choose a password, once, which ends all sessions; until then nothing changes', async () => {
    const ann = await newcomer(stack.call);
    await ann.call('POST', '/api/v1/tenants', { name: 'T', slug: 'resets', plan: 'starter' });
    const { id } = (await ann.call('GET', '/api/v1/me')).body;
    const offered = await offer(ann.email.toUpperCase());
    expect([offered.status, offered.body]).toEqual([
      201,
      { user_id: id, token: expect.stringMatching(/^crp_[\w-]{43}$/), expires_at: expect.any(String) },
    ]);
    const { token } = offered.body;
    expect((await login(ann.email, ann.password)).status).toBe(200);

    const answer = await reset(token);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expectProblem(await login(ann.email, ann.password), 401, 'unauthenticated');
    expect((await login(ann.email, NEW)).status).toBe(200);
    const { refresh_token } = ann.session;
    expectProblem(await stack.call('POST', '/api/v1/auth/refresh', { refresh_token }), 401, 'unauthenticated');
    expectProblem(await reset(token, 'yet another walk at night'), 404, 'not_found');
    const admin = (await stack.tenants.asAdmin('GET', '/api/v1/me')).body.id;
    expect(await actions(id)).toEqual([
      { action: 'password.offer_reset', actor_type: 'user', actor_id: admin },
      { action: 'password.reset', actor_type: 'user', actor_id: id },
    ]);
    expect(stack.output()).not.toContain(token.slice(4));
  });

  test('is good for an hour by the clock of Postgres, is kept as a hash alone, and is swept away', async () => {
    const ann = await newcomer(stack.call);
    const { token, expires_at } = (await offer(ann.email)).body;
    const [row] = await stack.database.sql<{ row: string; life: number }>(
      `select r::text as row, extract(epoch from r.expires_at - r.created_at)::integer as life
       from app.password_resets r where hash = $1`,
      [hash('sha256', token, 'buffer')],
    );
    expect(row?.life).toBe(3600);
    expect(row?.row).not.toContain(token.slice(4));
    expect(new Date(expires_at).getTime()).toBeGreaterThan(0);
    expect(await age(token, 61)).toHaveLength(1);
    expectProblem(await reset(token), 404, 'not_found');
    await stack.database.sql('select app.sweep_password_resets(1000)');
    expect(await age(token, 0)).toEqual([]);
    expect((await login(ann.email, ann.password)).status).toBe(200);
  });

  test('ends the one before it, and ends itself when its user changes the password', async () => {
    const ann = await newcomer(stack.call);
    const first = (await offer(ann.email)).body.token;
    const second = (await offer(ann.email)).body.token;
    expectProblem(await reset(first), 404, 'not_found');
    const body = { current_password: ann.password, new_password: 'one that was not forgotten' };
    expect((await ann.call('POST', '/api/v1/me/password', body)).status).toBe(200);
    expectProblem(await reset(second), 404, 'not_found');
  });

  test('outlives a password that is refused', async () => {
    const ann = await newcomer(stack.call);
    const { token } = (await offer(ann.email)).body;
    for (const next of ['short', 'password1234', 'Newcomer2026!']) {
      expectProblem(await reset(token, next), 422, 'invalid_request');
    }
    expect((await reset(token)).status).toBe(204);
  });

  test('counts once, also for two who use it at once', async () => {
    const ann = await newcomer(stack.call);
    const { token } = (await offer(ann.email)).body;
    const held = await hold(stack, 'select from app.users where email = $1 for no key update', [ann.email]);
    const asked = [NEW, 'another walk at night'].map((next) => reset(token, next));
    await until(
      () => stuck(stack),
      (count) => count === 2,
    );
    await held.release();
    const answers = await Promise.all(asked);
    expect(statusesOf(answers)).toEqual([204, 404]);
    const winner = answers[0]?.status === 204 ? NEW : 'another walk at night';
    expect((await login(ann.email, winner)).status).toBe(200);
  });
});

test('nobody but a platform admin gives one, and what nobody gave is refused', async () => {
  const ann = await newcomer(stack.call);
  expectProblem(await ann.call('POST', '/api/v1/password-resets', { email: ann.email }), 403, 'forbidden');
  expectProblem(await offer(anyEmail()), 404, 'not_found');
  for (const token of [`crp_${'A'.repeat(43)}`, 'crp_', 'x']) expectProblem(await reset(token), 404, 'not_found');
});

test('an operator gives one at the machine, for the platform admin who forgot their own', async () => {
  const run = (...words: string[]) =>
    promisify(execFile)(execPath, ['scripts/reset-password.ts', ...words], { env: { ...env, ...stack.env } });
  const { stdout } = await run(stack.admin.email);
  const [token = ''] = /crp_\S+/.exec(stdout) ?? [];
  expect((await reset(token)).status).toBe(204);
  expect((await login(stack.admin.email, NEW)).status).toBe(200);
  await expect(run(anyEmail())).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('no such user') });
});
