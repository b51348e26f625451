import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPerson } from '../api/people.ts';
import { expectProblem } from '../api/problem.ts';
import { createCaller, type Call } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import { statusesOf } from './newcomer.ts';

let stack: Stack;
let tenant: TestTenant;
/** An API that knows of two proxies before it. */
let behindTwo: Call;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  const port = String(await freePort());
  await stack.startApi('false', { env: { PORT: port, TRUSTED_PROXY_HOPS: '2' } });
  behindTwo = createCaller(`http://127.0.0.1:${port}`);
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const forwarded = (addresses: string) => ({ 'x-forwarded-for': addresses });

describe('the address of a client that says it is somewhere else', () => {
  /** Guesses until guessing is over, and then with the right password. */
  async function guessUp(call: Call, headersOf: (n: number) => Record<string, string>): Promise<number[]> {
    const { email, password } = await createPerson(stack);
    const attempt = (n: number, guess: string) =>
      call('POST', '/api/v1/auth/login', { email, password: guess }, headersOf(n));
    const answers = [];
    for (let n = 0; n < 10; n += 1) answers.push(await attempt(n, 'a wrong guess'));
    return [...statusesOf(answers), (await attempt(10, password)).status];
  }
  const wrong = Array<number>(10).fill(401);

  test('does not count without proxies: whoever guesses is locked out, whatever they write', async () => {
    expect(await guessUp(stack.call, (n) => forwarded(`203.0.113.${n}`))).toEqual([...wrong, 429]);
    expect(await guessUp(stack.call, (n) => forwarded(`203.0.113.${n}, 198.51.100.${n}`))).toEqual([...wrong, 429]);
  });

  test('does not count behind proxies, which have written the true one after it', async () => {
    expect(await guessUp(behindTwo, (n) => forwarded(`203.0.113.${n}, 198.51.100.7, 10.0.0.1`))).toEqual([
      ...wrong,
      429,
    ]);
  });

  test('is the true one behind proxies: who is locked out is so alone', async () => {
    expect(await guessUp(behindTwo, (n) => forwarded(`198.51.100.${n}, 10.0.0.1`))).toEqual([...wrong, 200]);
  });
});

test('a key for one network is good behind the proxies for a client of it alone', async () => {
  const { key } = await stack.tenants.makeKey(tenant.id, { allowed_addresses: ['203.0.113.0/24', '2001:db8::/48'] });
  const use = (call: Call, addresses: string) =>
    call('GET', '/api/v1/flows', undefined, { 'x-api-key': key, ...forwarded(addresses) });
  for (const client of [
    '203.0.113.7',
    '203.0.113.7:51000',
    '2001:db8::7',
    '[2001:db8::7]:51000',
    'junk, 203.0.113.7',
  ]) {
    expect([client, (await use(behindTwo, `${client}, 10.0.0.1`)).status]).toEqual([client, 200]);
  }
  for (const addresses of [
    '198.51.100.7, 10.0.0.1',
    '203.0.113.7, 198.51.100.7, 10.0.0.1',
    '203.0.113.7',
    'junk, 10.0.0.1',
    ', 10.0.0.1',
  ]) {
    expectProblem(await use(behindTwo, addresses), 403, 'address_not_allowed');
  }
  expectProblem(await use(stack.call, '203.0.113.7, 10.0.0.1'), 403, 'address_not_allowed');
});
