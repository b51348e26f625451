import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { fetchHistory } from '../harness/history.ts';
import { startSkippedTime, type SkippedTime } from '../harness/skipped-time.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { biller, reminder } from './biller.ts';

let time: SkippedTime;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let year = 2030;

beforeAll(async () => {
  time = await startSkippedTime();
  stack = await createStack({ temporalAddress: time.address, env: { SKIPPED_TIME: 'true' } });
  await stack.startApi('true');
});
afterAll(async () => {
  await stack?.close();
  await time?.close();
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  year += 1;
});

const workflowId = (id: string) => `invoice/${tenant.id}/${id}`;
const history = async (id: string) => fetchHistory(await stack.temporalClient(), workflowId(id));
const tasks = async (id: string) => (await history(id)).count('WORKFLOW_TASK_SCHEDULED');

/** An invoice with so many reminders, ten days apart, which sleeps until the first. */
async function sleeping(count: number): Promise<string> {
  const { id: contact } = await user.customer();
  const reminders = Array.from({ length: count }, (_, n) => reminder(40 - 10 * n));
  const { id } = await user.invoice(contact, { due_date: `${year}-06-10`, reminders });
  await user.shows(id, 'waiting');
  return id;
}

test.each([1, 3, 5])('an invoice with %i reminders takes one task, and two for each of them', async (count) => {
  const id = await sleeping(count);
  const ahead: Json[] = await user.future(id);
  const first = await tasks(id);
  // A year in which nothing is due but what was foretold.
  await time.skipTo(new Date(`${year}-12-01T00:00:00Z`));
  expect(await user.outcome(id)).toBe('reminded');
  const { events, count: countOf } = await history(id);
  expect(countOf('ACTIVITY_TASK_COMPLETED')).toBe(count);
  expect([first, countOf('WORKFLOW_TASK_SCHEDULED')]).toEqual([1, 1 + 2 * count]);
  // Each task has come at the beginning, or within the second in which something was due.
  const due = [Date.parse(events[0].eventTime), ...ahead.map(({ at }) => Date.parse(at))];
  const scheduled = events.filter(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED');
  for (const { eventTime } of scheduled) {
    const behind = due.map((at) => Date.parse(eventTime) - at).filter((ms) => ms >= 0);
    expect(Math.min(...behind)).toBeLessThan(20_000);
  }
});

test('an invoice without reminders takes no task, since it has no workflow', async () => {
  const { id: contact } = await user.customer();
  const { id } = await user.invoice(contact, { due_date: `${year}-06-10`, reminders: [] });
  await time.skipTo(new Date(`${year}-12-01T00:00:00Z`));
  const { workflow } = await stack.temporalClient();
  await expect(workflow.getHandle(workflowId(id)).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  expect((await tenant.call('GET', `/api/v1/flows/${id}`)).status).toBe(404);
});

test('while nothing is due there is no task, however long that is', async () => {
  const id = await sleeping(1);
  await time.skipTo(new Date(`${year}-04-01T00:00:00Z`));
  expect(await tasks(id)).toBe(1);
  expect(await user.future(id)).toHaveLength(1);
});

test('a change of the plan adds one task', async () => {
  const id = await sleeping(2);
  await user.patch(id, { due_date: `${year}-07-10` });
  await user.shows(id, `${year}-05-31`);
  expect(await tasks(id)).toBe(2);
  await time.skipTo(new Date(`${year}-12-01T00:00:00Z`));
  expect(await user.outcome(id)).toBe('reminded');
  expect(await tasks(id)).toBe(1 + 2 * 2 + 1);
});
