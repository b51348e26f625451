import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { ledgerOf } from './ledger.ts';
import { businessOf, seconds, sign, type Business } from './signed.ts';

let stack: Stack;
let api: TestProcess;
let business: Business;
let ledger: ReturnType<typeof ledgerOf>;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApiAlone();
  const { id } = await stack.tenants.make();
  business = await businessOf(stack, { id });
  ledger = ledgerOf(stack, id, business);
});
afterAll(() => stack.close());

const status = (id: string, word = 'delivered') => ({
  id: `wamid.${randomUUID()}`,
  status: word,
  timestamp: seconds(),
  biz_opaque_callback_data: id,
});
const rowOf = async (body: string) =>
  (await business.inbox()).filter(({ hash }) =>
    createHash('sha256')
      .update(body)
      .digest()
      .equals(hash as Buffer),
  );

test('the same webhook ten times, one after the other and at once, is one row that is applied once', async () => {
  const { id } = await ledger.message('sent');
  const body = business.envelope({ statuses: [status(id)] });
  for (let n = 0; n < 4; n += 1) await business.tell(body);
  await Promise.all(Array.from({ length: 6 }, () => business.tell(body)));
  await business.applied();
  const rows = await rowOf(body);
  expect(rows).toEqual([expect.objectContaining({ unreadable: 0, attempts: 0, parked_at: null })]);
  // What it said stands in rows now.
  expect(rows[0]?.body).toBeNull();
  const noted = await stack.database.sql('select status from app.message_statuses where message_id = $1', [id]);
  expect(noted).toEqual([{ status: 'delivered' }]);
});

test('a bad signature leaves a count in the log, once a minute for a channel, and never a row', async () => {
  const { id } = await ledger.message('sent');
  const body = business.envelope({ statuses: [status(id)] });
  const before = (await business.inbox()).length;
  for (let n = 0; n < 5; n += 1) expect((await business.post(body, sign(body, 'wrong'))).status).toBe(401);
  const lines = () =>
    api
      .output()
      .split('\n')
      .filter((line) => line.includes('refused for their signature') && line.includes(business.channel.channelId));
  expect(await until(lines, (seen) => seen.length > 0)).toEqual([expect.stringContaining('"refused":1')]);
  expect((await business.inbox()).length).toBe(before);
});

test('of a webhook that is partly unreadable the rest counts, and its body is kept', async () => {
  const { id } = await ledger.message('sent');
  const partly = business.envelope({ statuses: [status(id), { id: 'wamid.x', status: 'teleported' }] });
  const nothing = `not JSON ${randomUUID()}`;
  for (const body of [partly, nothing]) await business.tell(body);
  await business.applied();
  expect(await ledger.row('messages', id)).toMatchObject({ status: 'delivered' });
  for (const body of [partly, nothing]) {
    const [row] = await rowOf(body);
    expect(row).toMatchObject({ unreadable: 1 });
    expect(String(row?.body)).toBe(body);
  }
});
