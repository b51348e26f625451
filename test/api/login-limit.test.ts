import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLoginGuard } from '../../src/services/users/login-guard.ts';
import type { Answer } from '../harness/client.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { createPerson, type Person } from './people.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

const login = (email: string, password: string) => stack.call('POST', '/api/v1/auth/login', { email, password });
const statuses = (answers: Answer[], status: number) => answers.filter((answer) => answer.status === status);

/** Signs in over a connection from another address of this machine. */
const loginFrom = (localAddress: string, { email, password }: Pick<Person, 'email' | 'password'>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', localAddress, headers, agent: false };
    request(`${stack.apiUrl}/api/v1/auth/login`, options, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end(JSON.stringify({ email, password }));
  });

/** Guesses in ones and in parallel, until guessing is over. */
async function guessUp(email: string): Promise<void> {
  const guesses = Array.from({ length: 40 }, (_, n) => login(n % 2 ? email : email.toUpperCase(), `guess ${n}`));
  const answers = await Promise.all(guesses);
  expect(statuses(answers, 401)).toHaveLength(10);
  const refused = statuses(answers, 429);
  expect(refused).toHaveLength(30);
  for (const answer of refused) {
    expectProblem(answer, 429, 'rate_limited');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(600);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(900);
  }
}

test('ten wrong passwords are heard from one client, also at once, and then none, not even the right one', async () => {
  const person = await createPerson(stack);
  await guessUp(person.email);
  expectProblem(await login(person.email, person.password), 429, 'rate_limited');
});

test('who is locked out is so nowhere else, and nobody else is', async () => {
  const [person, other] = [await createPerson(stack), await createPerson(stack)];
  await guessUp(person.email);
  expect((await login(other.email, other.password)).status).toBe(200);
  expect(await loginFrom('127.0.0.2', person)).toBe(200);
});

test('an address that nobody has is locked in the same way as one that somebody has', async () => {
  await guessUp(`${randomUUID()}@people.test`);
});

test('the right password counts for nothing, however often it is used at once', async () => {
  const person = await createPerson(stack);
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(Array.from({ length: 15 }, () => login(person.email, person.password)));
    expect(statuses(answers, 200)).toHaveLength(15);
  }
});

test('a flood of attempts is cut off where the queue ends, and leaves room as soon as it has passed', async () => {
  const flood = Array.from({ length: 300 }, (_, n) => login(`nobody-${n}@people.test`, 'guess'));
  const answers = await Promise.all(flood);
  const refused = statuses(answers, 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(statuses(answers, 401).length).toBe(300 - refused.length);
  for (const answer of refused.slice(0, 3)) {
    expectProblem(answer, 503, 'overloaded');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await login(stack.admin.email, stack.admin.password)).status).toBe(200);
});

test('never more than four checks run, and after a quarter of an hour failures are forgotten', async () => {
  let [time, running, most] = [0, 0, 0];
  const guard = createLoginGuard(() => time);
  const attempt = (address: string) =>
    guard({ email: 'a@b.test', address }, async () => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      return undefined;
    }).then(
      () => 'checked',
      (error: { code: string }) => error.code,
    );
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => attempt('192.0.2.1')));
  expect(outcomes.filter((outcome) => outcome === 'checked')).toHaveLength(10);
  expect(most).toBe(4);
  // A customer has a whole /64 of addresses.
  for (let n = 0; n < 10; n += 1) expect(await attempt(`2001:db8::${n}`)).toBe('checked');
  expect(await attempt('2001:db8::ffff')).toBe('rate_limited');
  time = 15 * 60_000 - 1;
  expect(await attempt('192.0.2.1')).toBe('rate_limited');
  time += 1;
  expect(await attempt('192.0.2.1')).toBe('checked');
});
