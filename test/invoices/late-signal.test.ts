import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});
afterAll(() => stack.close());

test('what could not be told to a flow at its time is told later: the workflow does not sleep over it', async () => {
  const { id: contact, phone } = await user.customer();
  const { id } = await user.invoice(contact, { reminders: [reminder(3), reminder(0)] });
  await user.shows(id, 'waiting');
  await api.stop();
  const alone = await stack.startApiAlone();
  expect((await user.control(id, 'run-now')).status).toBe(200);
  await alone.kill();
  // The relay tries, and Temporal does not answer.
  const tried = await stack.database.sql<{ parked: boolean }>(
    `select app.postpone_outbox(id, interval '1 second', false) as parked from app.outbox where flow_id = $1`,
    [id],
  );
  expect(tried).toEqual([{ parked: false }]);
  api = await stack.startApi('true');
  await user.becomes(id, { 3: 'sent', 0: 'scheduled' });
  expect(await user.texts(phone)).toHaveLength(1);
  // And what follows reaches it too.
  expect((await user.pay(id)).body.cancelled_reminders).toHaveLength(1);
  expect(await user.outcome(id)).toBe('paid');
});
