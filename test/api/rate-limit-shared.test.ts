import { Agent, request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/dev/ports.ts';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { newcomer } from '../identity/newcomer.ts';
import { awayFromTheFullHour } from './full-hour.ts';

const LIMIT = 200;

let stack: Stack;
let tenant: TestTenant;
let ports: number[];
let second: TestProcess;
beforeAll(async () => {
  stack = await createStack({ env: { USER_REQUESTS_PER_HOUR: String(LIMIT) } });
  const port = await freePort();
  ports = [Number(stack.env['PORT']), port];
  await stack.startApi('false');
  second = await stack.startApi('false', { env: { PORT: String(port) } });
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());
beforeEach(() => awayFromTheFullHour(stack, 60), 120_000);

type Credential = Record<string, string>;

const ask = (agent: Agent, port: number, path: string, headers: Credential): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ agent, host: '127.0.0.1', port, path, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });

/** Asks so often over so many connections to each of the processes, one after the other on each; how often in vain. */
async function drive(path: string, headers: Credential, connections: number, times: number, to = ports) {
  const count = { accepted: 0, refused: 0, other: [] as number[] };
  let sent = 0;
  const lane = async (first: number) => {
    // To each process one.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = first; sent < times; turn += 1) {
      sent += 1;
      const status = await ask(agent, to[turn % to.length] ?? 0, path, headers);
      if (status === 200) count.accepted += 1;
      else if (status === 429) count.refused += 1;
      else count.other.push(status);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, n) => lane(n)));
  return count;
}

const makeKey = async (): Promise<Credential> => {
  const { key } = await stack.tenants.makeKey(tenant.id, { rate_limit: LIMIT });
  return { 'x-api-key': key as string };
};
const signIn = async (): Promise<Credential> => {
  const { session } = await newcomer(stack.call);
  return { authorization: `Bearer ${session.access_token}` };
};

describe.each([
  ['an API key', '/api/v1/alerts', makeKey],
  ['a user', '/api/v1/me', signIn],
])('the limit of %s, which two processes share,', (_who, path, credential) => {
  test.each([1, 4, 16])('lets between 95 %% and 110 %% of it through over %i connections', async (connections) => {
    const { accepted, refused, other } = await drive(path, await credential(), connections, LIMIT * 1.5);
    expect(other).toEqual([]);
    expect(accepted).toBeGreaterThanOrEqual(LIMIT * 0.95);
    expect(accepted).toBeLessThanOrEqual(LIMIT * 1.1);
    expect(accepted + refused).toBe(LIMIT * 1.5);
  });
});

test('a process that is killed takes next to nothing of the limit with it', async () => {
  const key = await makeKey();
  const before = await drive('/api/v1/alerts', key, 4, 51);
  await second.kill();
  const after = await drive('/api/v1/alerts', key, 4, LIMIT * 1.5, ports.slice(0, 1));
  expect([before.other, after.other]).toEqual([[], []]);
  expect(before.accepted + after.accepted).toBeGreaterThanOrEqual(LIMIT * 0.95);
  expect(before.accepted + after.accepted).toBeLessThanOrEqual(LIMIT * 1.1);
});
