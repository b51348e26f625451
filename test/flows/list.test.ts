import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import type { Json } from '../harness/client.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApiAlone();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const list = async (query: string): Promise<Json> => (await tenant.call('GET', `/api/v1/flows${query}`)).body;
const start = async (): Promise<string> => (await otpUser(stack, tenant).send(anyPhone())).body.id;
const idsOf = ({ data }: Json): string[] => data.map(({ id }: Json) => id);

test('flows are found by kind and by status, newest first', async () => {
  const ids = [await start(), await start(), await start()];
  await otpUser(stack, tenant).cancel(String(ids[1]));
  expect(idsOf(await list('?kind=otp')).slice(0, 3)).toEqual(ids.toReversed());
  expect(idsOf(await list('?status=cancelled'))).toEqual([ids[1]]);
  expect(idsOf(await list('?kind=otp&status=running')).slice(0, 2)).toEqual([ids[2], ids[0]]);
  expect(await list('?status=failed')).toEqual({ data: [], next_cursor: null });
  expect(await tenant.call('GET', '/api/v1/flows?status=asleep')).toMatchObject({ status: 422 });
});

test('a cursor shows every flow once, while others are being inserted', async () => {
  for (let n = 0; n < 5; n += 1) await start();
  const before = idsOf(await list('?limit=100'));
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = await list(`?limit=2${cursor}`);
    seen.push(...idsOf(page));
    await start();
    cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
  } while (cursor !== '');
  expect(seen).toEqual(before);
});

test('a flow shows what it is, where it stands and what comes next', async () => {
  const id = await start();
  expect(await tenant.call('GET', `/api/v1/flows/${id}`)).toMatchObject({
    status: 200,
    body: {
      id,
      kind: 'otp',
      status: 'running',
      stage: 'awaiting_code',
      outcome: null,
      next_action: 'expire',
      workflow_id: `otp/${tenant.id}/${id}`,
      ended_at: null,
    },
  });
  const absent = '01900000-0000-7000-8000-000000000000';
  expect(await tenant.call('GET', `/api/v1/flows/${absent}`)).toMatchObject({ status: 404 });
});
