import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAccessTokens } from '../../src/security/access-token.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { createPerson } from './people.ts';
import { expectProblem, withoutRequestId } from './problem.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

const login = (email: string, password: string) => stack.call('POST', '/api/v1/auth/login', { email, password });

test('a wrong password and an unknown address get the same answer', async () => {
  const wrong = await login(stack.admin.email, 'not the password');
  const unknown = await login('nobody@carillon.test', stack.admin.password);
  expectProblem(wrong, 401, 'unauthenticated');
  expectProblem(unknown, 401, 'unauthenticated');
  expect(withoutRequestId(unknown)).toEqual(withoutRequestId(wrong));
  expect([...unknown.headers.keys()].toSorted()).toEqual([...wrong.headers.keys()].toSorted());
});

test('the address is the same in capitals, the password is not', async () => {
  expect((await login(stack.admin.email.toUpperCase(), stack.admin.password)).status).toBe(200);
  expect((await login(stack.admin.email, stack.admin.password.toUpperCase())).status).toBe(401);
});

test('a token is good for its user alone, and for nobody once the user is gone', async () => {
  const person = await createPerson(stack);
  expect((await person.call('GET', '/api/v1/tenants')).body).toEqual({ data: [], next_cursor: null });
  await stack.database.sql('delete from app.users where id = $1', [person.id]);
  expectProblem(await person.call('GET', '/api/v1/tenants'), 401, 'unauthenticated');
});

test('a token that another secret has signed is refused', async () => {
  const person = await createPerson(stack);
  const use = async (secret: string) => {
    const token = await createAccessTokens(secret).issue(person.id);
    return stack.call('GET', '/api/v1/tenants', undefined, { authorization: `Bearer ${token}` });
  };
  expect((await use(stack.env['JWT_SECRET_KEY'] ?? '')).status).toBe(200);
  expectProblem(await use('another secret, just as long as the one in use'), 401, 'unauthenticated');
});

test.each([undefined, 'Bearer', 'Bearer ', 'Basic YWRtaW46YWRtaW4=', 'Bearer a.b.c', 'bearer null', 'é'])(
  'the header Authorization: %s lets nobody in',
  async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    expectProblem(await stack.call('GET', '/api/v1/tenants', undefined, headers), 401, 'unauthenticated');
    expectProblem(await stack.call('GET', '/api/v1/flows', undefined, headers), 401, 'unauthenticated');
  },
);
