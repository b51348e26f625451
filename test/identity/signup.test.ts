import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyPhone, codeIn, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { expectPublished, readOpenApi } from '../api/openapi-document.ts';
import { expectProblem, fieldsOf, withoutRequestId } from '../api/problem.ts';
import { anyEmail, newcomer } from './newcomer.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
});
afterAll(() => stack.close());

const signUp = (body: Record<string, unknown>) =>
  stack.call('POST', '/api/v1/auth/signup', {
    email: anyEmail(),
    password: 'a long walk in the rain',
    name: 'Ann Lee',
    ...body,
  });
const login = (email: string, password: string) => stack.call('POST', '/api/v1/auth/login', { email, password });

test('a newcomer signs up and goes by themselves from a tenant and a key to a verified code', async () => {
  const document = await readOpenApi(stack.call);
  const email = anyEmail();
  const signedUp = await signUp({ email });
  expectPublished(document, 'signUp', signedUp);
  expect([signedUp.status, signedUp.body]).toEqual([202, { status: 'accepted' }]);
  const ann = await newcomer(stack.call, email);
  expect((await ann.call('GET', '/api/v1/me')).body.tenants).toEqual([]);

  const company = { name: 'My First Customer', slug: 'by-myself', plan: 'starter' };
  const tenant = await ann.call('POST', '/api/v1/tenants', company);
  expect(tenant.status).toBe(201);
  const me = await ann.call('GET', '/api/v1/me');
  expectPublished(document, 'getMe', me);
  expect(me.body).toEqual({
    id: expect.any(String),
    email,
    name: 'Ann Lee',
    platform_admin: false,
    created_at: expect.any(String),
    tenants: [{ id: tenant.body.id, name: company.name, slug: company.slug, role: 'owner' }],
  });

  const wanted = { name: 'Main API Key', permissions: ['read', 'write'], rate_limit: 1000 };
  const key = await ann.call('POST', `/api/v1/tenants/${tenant.body.id}/api-keys`, wanted);
  expect(key.status).toBe(201);
  const asShop = { 'X-Tenant-ID': String(tenant.body.id), 'X-API-Key': key.body.key as string };
  const phone = anyPhone();
  const sent = await stack.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' }, asShop);
  expect(sent.status).toBe(202);
  const [message] = await until(
    () => stack.messagesOn(phone),
    (list) => list.length > 0,
  );
  const claim = { phone_number: phone, code: codeIn(message), purpose: 'signup' };
  const verified = await stack.call('POST', '/api/v1/otp/verify', claim, asShop);
  expect(verified.body).toEqual({ verified: true, id: sent.body.id });
  for (const secret of [email, ann.password, ann.session.access_token, ann.session.refresh_token]) {
    expect(stack.output()).not.toContain(secret);
  }
});

test('to sign up with an address that somebody has gives the same answer, and leaves them as they are', async () => {
  const ann = await newcomer(stack.call);
  const again = await signUp({ email: ann.email.toUpperCase(), password: 'quite another password', name: 'Mallory' });
  const fresh = await signUp({});
  expect([again.status, again.body]).toEqual([fresh.status, fresh.body]);
  expect([...again.headers.keys()].toSorted()).toEqual([...fresh.headers.keys()].toSorted());
  expectProblem(await login(ann.email, 'quite another password'), 401, 'unauthenticated');
  expect((await login(ann.email, ann.password)).status).toBe(200);
  expect((await ann.call('GET', '/api/v1/me')).body.name).toBe('Newcomer');
});

test('of many who sign up with one address at once one becomes a user, and nobody can tell who', async () => {
  const email = anyEmail();
  const passwords = Array.from({ length: 8 }, (_, n) => `the password of number ${n}`);
  const answers = await Promise.all(passwords.map((password) => signUp({ email, password })));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  const logins: number[] = [];
  for (const password of passwords) logins.push((await login(email, password)).status);
  expect(logins.filter((status) => status === 200)).toHaveLength(1);
});

describe('a password', () => {
  test.each([
    ['7 characters', 'k7#xQ2m'],
    ['201 characters', `k7#x${'q2mf '.repeat(40)}`.slice(0, 201)],
    ['a common one', 'Password1!'],
    ['one of digits', '1985123100'],
    ['a walk over the keyboard', '1qaz2wsx'],
    ['the address', 'mallory77'],
    ['the name', 'Lee-2026!'],
    ['the product', 'carillon1'],
  ])('of %s is refused, whether the address is free or not', async (_what, password) => {
    await signUp({ email: 'mallory77@people.test' });
    const taken = await signUp({ email: 'mallory77@people.test', password });
    expectProblem(taken, 422, 'invalid_request');
    expect(fieldsOf(taken)).toEqual(['password']);
    const free = await signUp({ email: 'mallory77@elsewhere.test', password });
    expect(withoutRequestId(free)).toEqual(withoutRequestId(taken));
  });

  test.each([
    ['8 characters', 'k7#xQ2mf'],
    ['200 characters', `k7#x${'q2mf '.repeat(40)}`.slice(0, 200).trim().padEnd(200, 'x')],
  ])('of %s is taken, and only as it is', async (_what, password) => {
    const email = anyEmail();
    expect((await signUp({ email, password })).status).toBe(202);
    expect((await login(email, password)).status).toBe(200);
    expectProblem(await login(email, password.slice(0, -1)), 401, 'unauthenticated');
  });

  test('may be typed with the same letters as other characters', async () => {
    const email = anyEmail();
    await signUp({ email, password: 'caf\u00e9 au lait, twice' });
    expect((await login(email, 'cafe\u0301 au lait, twice')).status).toBe(200);
  });
});
