import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from './biller.ts';

const RACES = 500;
const AT_ONCE = 10;

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  // Each race asks twice at once, beside the flows: a pool that is used up would answer 503, and that is no race.
  stack = await createStack({ env: { DATABASE_POOL_SIZE: '40', LOG_LEVEL: 'warn' } });
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  await tenant.call('PATCH', `/api/v1/channels/${await user.channelId()}`, { throughput_per_second: 1_000 });
  // What becomes of a message after its claim is not judged here: three webhooks for each would only cost time.
  await stack.sandbox('POST', '/faults', { kind: 'no_status' });
});
afterAll(() => stack.close());

/** Contacts with a phone each: nobody is sent to twice, so that no pace holds a send. */
async function customers(count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, () => ({ id: randomUUID(), phone: anyPhone() }));
  await stack.database.sql(
    `insert into app.contacts (tenant_id, id, phone) select $1, * from unnest($2::uuid[], $3::text[])
     on conflict do nothing`,
    [tenant.id, rows.map(({ id }) => id), rows.map(({ phone }) => phone)],
  );
  const made = await stack.database.sql<{ id: string }>('select id from app.contacts where tenant_id = $1', [
    tenant.id,
  ]);
  return made.map(({ id }) => id);
}

type Race = { id: string; stopped: number; answeredAt: number };

/** Has the reminder sent, and pays around the moment in which it is claimed. */
async function race(contact: string, lateMs: number): Promise<Race> {
  const { id } = await user.invoice(contact, { invoice_number: randomUUID(), reminders: [reminder(0)] });
  const pay = async () => {
    await delay(lateMs);
    // A machine that has too much to do says that it has not paid, and is asked again.
    return until(
      () => user.pay(id),
      ({ status }) => status !== 503,
    );
  };
  const [, paid] = await Promise.all([user.control(id, 'run-now'), pay()]);
  expect(paid.status).toBe(200);
  return { id, stopped: paid.body.cancelled_reminders.length, answeredAt: Date.now() };
}

test('500 payments in the moment of a send: after the answer nothing is claimed, and what was cancelled never leaves', async () => {
  const waiting = await customers(RACES);
  const races: Race[] = [];
  const run = async (): Promise<void> => {
    // Each pays sooner when it was too late, and later when it was too soon: most pay in the very moment of the claim.
    let lateMs = 50;
    for (let contact = waiting.pop(); contact; contact = waiting.pop()) {
      const done = await race(contact, lateMs);
      races.push(done);
      lateMs = Math.min(5_000, lateMs * (done.stopped === 1 ? 1.4 : 0.6) + Math.random() * 10);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));

  // All flows have ended: nothing can be claimed any more.
  await until(
    () =>
      stack.database.sql(
        `select from app.flows where tenant_id = $1 and kind = 'invoice' and status = 'running'
         union all select from app.messages where tenant_id = $1 and status in ('queued', 'sending')`,
        [tenant.id],
      ),
    (rows) => rows.length === 0,
    { withinMs: 60_000, everyMs: 200 },
  );
  const sent = new Set((await stack.ledger()).map(({ opaque_id }) => opaque_id));
  const messages = await stack.database.sql<{ id: string; flow_id: string; claimed_at: Date | null }>(
    'select id, flow_id, claimed_at from app.messages where tenant_id = $1',
    [tenant.id],
  );
  const of = new Map(messages.map((message) => [message.flow_id, message]));
  const outcomes = races.map(({ id, stopped, answeredAt }) => {
    const message = of.get(id);
    return {
      // Either it left or it was cancelled, never both and never neither.
      told: stopped === 1 ? 'cancelled' : 'left',
      left: message !== undefined && sent.has(message.id) ? 'left' : 'cancelled',
      claimedAfter: message?.claimed_at ? message.claimed_at.getTime() > answeredAt : false,
    };
  });
  expect(outcomes.filter(({ told, left, claimedAfter }) => told !== left || claimedAfter)).toEqual([]);
  // Both have happened: it was a race.
  expect(Map.groupBy(outcomes, ({ told }) => told).size).toBe(2);
}, 300_000);
