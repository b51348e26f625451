import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buckets } from '../../src/domain/pacing.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import type { TestProcess } from '../harness/process.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let worker: TestProcess;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  worker = await stack.startWorker();
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  phone = anyPhone();
  await user.writes(phone);
});

/** No worker runs meanwhile. */
async function outage<T>(work: () => Promise<T>): Promise<T> {
  await worker.stop();
  const result = await work();
  worker = await stack.startWorker();
  return result;
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
/** Which messages the provider accepted for the phone, in order. */
const toPhone = async () => (await stack.ledger()).filter(({ to }) => to === phone).map(({ opaque_id }) => opaque_id);
const plan = (more: object) => user.planned({ to: phone, text: 'Hello', ...more });

/** The hours of an outage go by: these were to leave two hours ago, and are of no use since an hour. */
const missed = (ids: string[]) =>
  stack.database.sql(
    `update app.messages set planned_at = clock_timestamp() - interval '2 hours',
       latest_useful_at = clock_timestamp() - interval '1 hour' where id = any ($1)`,
    [ids],
  );

/** A message that waited for its time when the outage began, and one that was planned during it. */
async function twoMissed(catch_up: string): Promise<string[]> {
  const waiting = await plan({ catch_up, send_at: new Date(Date.now() + 5_000).toISOString() });
  await user.reaches(waiting, 'scheduled');
  return outage(async () => {
    const ids = [waiting, await plan({ catch_up })];
    await missed(ids);
    return ids;
  });
}

test('what an outage has made too late, and is to be dropped then, ends without a call and says why', async () => {
  for (const id of await twoMissed('drop')) {
    expect(await user.outcome(id)).toBe('expired');
    expect(await user.get(id)).toMatchObject({ status: 'expired', reason: 'too_late', attempts: 0 });
    expect(await user.flow(id)).toMatchObject({ stage: 'ended', outcome: 'expired', next_action: null });
  }
  expect(await toPhone()).toEqual([]);
});

test('what is to be shifted is sent once when the outage is over, however late', async () => {
  for (const id of await twoMissed('shift')) {
    expect(await user.outcome(id)).toBe('sent');
    expect(await user.accepted(id)).toHaveLength(1);
  }
});

/** Makes messages the sends of one flow, planned for so many hours from now. Each has a workflow of its own. */
async function intoFlow(flowId: string, sends: Record<string, number>): Promise<void> {
  await stack.database.sql(
    `with flow as (
       insert into app.flows (tenant_id, id, kind, stage) values ($1, $2, 'message', 'planned') on conflict do nothing
     ), own as (
       update app.flows set next_action_at = null where id = any ($3)
     )
     update app.messages m set flow_id = $2, planned_at = now() + make_interval(hours => s.hours),
       latest_useful_at = now() + make_interval(hours => s.hours, mins => 10)
     from unnest($3::uuid[], $4::integer[]) as s (id, hours) where m.id = s.id`,
    [tenant.id, flowId, Object.keys(sends), Object.values(sends)],
  );
}

const superseded = { status: 'cancelled', reason: 'superseded', attempts: 0 };

test('of what one flow has missed and sends once only the newest leaves, and what is not due yet is left alone', async () => {
  const catch_up = 'send_once';
  const [newest, later, older] = await outage(async () => {
    const missedOnes = [];
    for (let i = 0; i < 4; i += 1) missedOnes.push(await plan({ catch_up }));
    const newestOne = await plan({ catch_up });
    const laterOne = await plan({ catch_up, send_at: inAnHour() });
    // The last of them for the same instant as the newest, which was planned after it.
    const hours = Object.fromEntries(missedOnes.map((id, i) => [id, -4 + i]));
    await intoFlow(randomUUID(), { ...hours, [newestOne]: -1, [laterOne]: 1 });
    return [newestOne, laterOne, missedOnes] as const;
  });
  expect(await user.outcome(newest)).toBe('sent');
  for (const id of older) {
    expect(await user.outcome(id)).toBe('cancelled');
    expect(await user.get(id)).toMatchObject(superseded);
  }
  expect(await user.reaches(later, 'scheduled')).toMatchObject({ status: 'queued', attempts: 0 });
  expect(await toPhone()).toEqual([newest]);
});

test('an older message that comes to its turn when the newest has left already is not sent after it', async () => {
  const catch_up = 'send_once';
  const flowId = randomUUID();
  const newest = await outage(async () => {
    const id = await plan({ catch_up });
    await intoFlow(flowId, { [id]: -1 });
    return id;
  });
  await user.reaches(newest, 'read');
  const older = await outage(async () => {
    const id = await plan({ catch_up });
    await intoFlow(flowId, { [id]: -2 });
    return id;
  });
  expect(await user.outcome(older)).toBe('cancelled');
  expect(await user.get(older)).toMatchObject(superseded);
  expect(await toPhone()).toEqual([newest]);
});

test('an outage that held up 60 messages to one contact does not flood the phone: one burst leaves, the others in turn', async () => {
  await outage(async () => {
    for (let i = 0; i < 60; i += 1) await plan({ catch_up: 'shift' });
    await stack.database.sql(
      `update app.messages set planned_at = planned_at - interval '2 hours' where tenant_id = $1`,
      [tenant.id],
    );
  });
  const rows = await until(
    () =>
      stack.database.sql<{ status: string; reason: string | null; attempts: number; error_code: number | null }>(
        'select status, reason, attempts, error_code from app.messages where tenant_id = $1',
        [tenant.id],
      ),
    (all) => all.every(({ status, reason }) => status === 'read' || reason === 'recipient_pace'),
    { withinMs: 60_000, everyMs: 200 },
  );
  const { everyMs, burst } = buckets.recipient;
  const times = (await stack.ledger()).filter(({ to }) => to === phone).map(({ at }) => Date.parse(at));
  const first = Math.min(...times);
  // Before the first new token; a second is what a call may take from its claim to the provider.
  expect(times.filter((at) => at < first + everyMs - 1_000).length).toBeLessThanOrEqual(burst);
  expect(times.length).toBeGreaterThanOrEqual(burst);
  expect(rows).toHaveLength(60);
  for (const row of rows.filter(({ status }) => status !== 'read'))
    expect(row).toEqual({ status: 'queued', reason: 'recipient_pace', attempts: 0, error_code: null });
}, 90_000);
