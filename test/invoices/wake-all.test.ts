import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { reconcile } from '../flows/reconcile.ts';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from './biller.ts';

/** So few are told in the transaction of a change that most invoices are told after it. */
const BATCH = 3;
const INVOICES = 11;

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  stack = await createStack({ env: { WAKE_BATCH_SIZE: String(BATCH) } });
  api = await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});

/** Invoices of one contact, all of them asleep. */
async function asleep(more: object = {}): Promise<string> {
  const { id: contact } = await user.customer({ timezone: 'UTC' });
  for (let n = 0; n < INVOICES; n += 1) {
    const { id } = await user.invoice(contact, { reminders: [reminder(0)], ...more });
    await user.shows(id, 'waiting');
  }
  return contact;
}
/** At which times of day the tenant's reminders leave, and how many of them. */
async function times(): Promise<Record<string, number>> {
  const rows = await stack.database.sql<{ time: string; count: number }>(
    `select to_char(planned_at at time zone 'utc', 'HH24:MI') as time, count(*)::integer as count
     from app.reminders where tenant_id = $1 group by 1`,
    [tenant.id],
  );
  return Object.fromEntries(rows.map(({ time, count }) => [time, count]));
}
const all = (time: string) =>
  until(times, (seen) => seen[time] === INVOICES).catch((error: unknown) => {
    throw new Error(`Not all of them leave at ${time}`, { cause: error });
  });
const left = async () =>
  (await stack.database.sql('select from app.flow_wakes where tenant_id = $1', [tenant.id])).length;

test('a change of settings reaches every invoice, however many there are, and so does the next one right after it', async () => {
  await asleep();
  await user.settings({ reminder_time: '10:15' });
  await all('10:15');
  await user.settings({ reminder_time: '11:00' });
  await user.settings({ reminder_time: '11:45' });
  await all('11:45');
  await until(left, (count) => count === 0);
});

test('the zone of a contact reaches all of its invoices', async () => {
  const contact = await asleep({ timezone: undefined });
  await tenant.call('PATCH', `/api/v1/contacts/${contact}`, { timezone: 'Asia/Tokyo' });
  await all('00:00');
});

test('a process that dies right after the change leaves no invoice behind: the reconciler tells the others', async () => {
  await asleep();
  await api.stop();
  // Temporal is away, so that nothing follows the first ones.
  const alone = await stack.startApiAlone();
  await user.settings({ reminder_time: '12:30' });
  expect(await left()).toBe(1);
  await alone.kill();
  expect(await times()).toEqual({ '09:00': INVOICES });

  api = await stack.startApi('true');
  await until(times, (seen) => (seen['12:30'] ?? 0) >= BATCH);
  await reconcile(stack);
  await all('12:30');
  expect(await left()).toBe(0);
});
