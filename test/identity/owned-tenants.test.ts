import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPerson } from '../api/people.ts';
import { expectProblem } from '../api/problem.ts';
import { createStack, type Call, type Stack } from '../harness/stack.ts';
import { newcomer, statusesOf } from './newcomer.ts';

const AT_MOST = 10;

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

const make = (call: Call, headers: Record<string, string> = {}) =>
  call('POST', '/api/v1/tenants', { name: 'T', slug: `t-${randomUUID()}`, plan: 'starter' }, headers);
const fill = async (call: Call): Promise<number[]> => {
  const made: number[] = [];
  for (let n = 0; n < AT_MOST; n += 1) made.push((await make(call)).body.id as number);
  return made;
};

test('of twenty tenants that a user asks for at once, with keys and without, ten are made', async () => {
  const user = await newcomer(stack.call);
  const asked = Array.from({ length: 20 }, (_, n) => make(user.call, n % 2 ? { 'idempotency-key': randomUUID() } : {}));
  const answers = await Promise.all(asked);
  expect(statusesOf(answers)).toEqual([...Array(AT_MOST).fill(201), ...Array(20 - AT_MOST).fill(422)]);
  for (const answer of answers.filter(({ status }) => status === 422)) expectProblem(answer, 422, 'too_many_tenants');
  expect((await user.call('GET', '/api/v1/tenants')).body.data).toHaveLength(AT_MOST);
});

test('a tenant that is deleted makes room when it cannot come back any more', async () => {
  const user = await newcomer(stack.call);
  const [first] = await fill(user.call);
  expect((await user.call('DELETE', `/api/v1/tenants/${first}`)).status).toBe(204);
  expectProblem(await make(user.call), 422, 'too_many_tenants');
  await stack.database.sql(`update app.tenants set deleted_at = deleted_at - interval '31 days' where id = $1`, [
    first,
  ]);
  expect((await make(user.call)).status).toBe(201);
  expectProblem(await make(user.call), 422, 'too_many_tenants');
});

test('what others own takes no room, nor does who has none left keep others from making theirs', async () => {
  const owner = await newcomer(stack.call);
  const tenants = await fill(owner.call);
  const member = await createPerson(stack, Object.fromEntries(tenants.map((id) => [id, 'admin'])));
  expect((await make(member.call)).status).toBe(201);
});

test('a platform admin makes as many as it takes', async () => {
  const answers = await Promise.all(Array.from({ length: AT_MOST + 2 }, () => make(stack.tenants.asAdmin)));
  expect(statusesOf(answers)).toEqual(Array(AT_MOST + 2).fill(201));
});
