import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createOrm, nativePool } from '../../src/database.ts';
import { createQuotas, type Quota } from '../../src/services/quota.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { awayFromTheFullHour } from './full-hour.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let tenant: TestTenant;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

beforeEach(() => awayFromTheFullHour(stack), 60_000);

const makeUse = async (rate_limit: number) => {
  const { key } = await stack.tenants.makeKey(tenant.id, { rate_limit });
  return () => stack.call('GET', '/api/v1/flows', undefined, { 'x-api-key': key });
};

test('a key for five requests an hour gets five answers, told how many are left, and then 429 with when to come back', async () => {
  const use = await makeUse(5);
  for (const left of [4, 3, 2, 1, 0]) {
    const answer = await use();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('ratelimit-policy')).toBe('"key";q=5;w=3600');
    expect(answer.headers.get('ratelimit')).toMatch(new RegExp(`^"key";r=${left};t=\\d+$`));
  }
  for (let i = 0; i < 2; i += 1) {
    const refused = await use();
    expectProblem(refused, 429, 'rate_limited');
    expect(refused.headers.get('ratelimit-policy')).toBe('"key";q=5;w=3600');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(refused.headers.get('ratelimit')).toBe(`"key";r=0;t=${seconds}`);
  }
});

test('of twenty requests at once exactly five are answered', async () => {
  const use = await makeUse(5);
  const answers = await Promise.all(Array.from({ length: 20 }, use));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
});

test('one key at its limit takes nothing from another key of the same tenant', async () => {
  const [spent, other] = [await makeUse(1), await makeUse(1)];
  expect([(await spent()).status, (await spent()).status, (await other()).status]).toEqual([200, 429, 200]);
});

test('several processes share one limit, also where it is granted in batches that do not divide it', async () => {
  const orm = await createOrm({ database: { url: stack.database.appUrl, poolSize: 4 } } as never);
  const pool = await nativePool(orm);
  const quota: Quota = { subject: 'shared', limit: 299, windowSeconds: 3600, code: 'rate_limited' };
  const attempts = [createQuotas(pool), createQuotas(pool), createQuotas(pool)].flatMap((own) =>
    Array.from({ length: 150 }, () =>
      own.take(tenant.id, quota).then(
        () => 'granted',
        (error: { code: string }) => error.code,
      ),
    ),
  );
  const outcomes = await Promise.all(attempts);
  await orm.close();
  expect(outcomes.filter((outcome) => outcome === 'granted')).toHaveLength(299);
  expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(151);
});
