import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTemporal, type TemporalServer } from '../../scripts/dev/temporal.ts';
import { fetchHistory } from '../harness/history.ts';
import { startOwnPostgres, type OwnPostgres } from '../harness/own-postgres.ts';
import type { TestProcess } from '../harness/process.ts';
import { folder } from '../harness/shared.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from './biller.ts';

let postgres: OwnPostgres;
let temporal: TemporalServer;
let stack: Stack;
let api: TestProcess;
let worker: TestProcess;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
const dbFile = join(mkdtempSync(join(folder, 'temporal-')), 'temporal.db');

const start = async () => {
  api = await stack.startApi('false');
  worker = await stack.startWorker();
};

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startOwnPostgres(), startTemporal({ dbFile })]);
  stack = await createStack({ superuserUrl: postgres.superuserUrl, temporalAddress: temporal.address });
  await start();
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});
afterAll(async () => {
  await stack.close();
  await Promise.all([temporal.stop(), postgres.stop()]);
});

/** All in one tick, and none gets to clean up. */
async function killAll(): Promise<void> {
  for (const server of [temporal, postgres]) server.kill();
  await Promise.all([api.kill(), worker.kill(), temporal.exited, postgres.exited]);
}

const timers = async (id: string, what: 'STARTED' | 'FIRED'): Promise<number> =>
  (await fetchHistory(await stack.temporalClient(), `invoice/${tenant.id}/${id}`)).count(`TIMER_${what}`);

test('everything is dead for 26 hours across three instants: each catch_up does exactly what it says, unasked', async () => {
  const wanted = {
    drop: { 3: 'missed too_late', 0: 'missed too_late', '-7': 'sent' },
    send_once: { 3: 'missed superseded', 0: 'missed superseded', '-7': 'sent' },
    shift: { 3: 'sent', 0: 'sent', '-7': 'sent' },
  };
  const made = await Promise.all(
    Object.entries(wanted).map(async ([catch_up, become]) => {
      const { id: contact, phone } = await user.customer();
      const reminders = [3, 0, -7, -30].map((days) => reminder(days, { catch_up, message_template: `It is ${days}.` }));
      const { id } = await user.invoice(contact, { reminders });
      await user.shows(id, 'waiting');
      return { id, phone, become: { ...become, '-30': 'scheduled' } };
    }),
  );
  // Their workflows sleep until the first of them, which is so near that Temporal's timers run out while all is dead.
  const nearSeconds = 20;
  await Promise.all(
    made.map(async ({ id }) => {
      await user.moveTo(id, { 3: nearSeconds / 3_600, 0: 13, '-7': 25 });
      await user.wake(id);
      await until(
        () => timers(id, 'STARTED'),
        (count) => count === 2,
      );
    }),
  );
  await killAll();
  const dead = Date.now();
  await until(Date.now, (now) => now > dead + nearSeconds * 1_000, { withinMs: 2 * nearSeconds * 1_000 });

  // The rows are as old as after 26 hours before anybody else can look at them.
  postgres = await postgres.restart();
  await stack.database.sql(
    `update app.reminders set planned_at = planned_at - interval '26 hours', moved_to = moved_to - interval '26 hours'
     where moved_to is not null`,
  );
  temporal = await startTemporal({ dbFile, port: Number(temporal.address.split(':')[1]) });
  await start();
  for (const { id, phone, become } of made) {
    expect(await user.becomes(id, become)).toEqual(become);
    expect(await timers(id, 'FIRED')).toBe(1);
    const sent = Object.entries(become).flatMap(([days, state]) => (state === 'sent' ? [`It is ${days}.`] : []));
    expect((await user.texts(phone)).toSorted()).toEqual(sent.toSorted());
  }
}, 180_000);

test('with Temporal away at the start and a sender killed in its call, the flow goes on: once or in doubt, never twice', async () => {
  const { id: contact, phone } = await user.customer();
  await Promise.all([api.stop(), worker.stop()]);
  api = await stack.startApiAlone();
  const { id } = await user.invoice(contact, { reminders: [reminder(3), reminder(0)] });
  await user.control(id, 'run-now');
  for (const kind of ['accept_then_timeout', 'no_status'])
    await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
  await api.stop();
  await start();
  const accepted = async () => (await stack.ledger()).filter(({ to }) => to === phone);
  await until(accepted, (sends) => sends.length === 1);
  await worker.kill();
  worker = await stack.startWorker();
  await user.becomes(id, { 3: 'unknown sender_died', 0: 'scheduled' });
  const alerts = (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
  expect(alerts).toMatchObject([{ kind: 'message_unknown' }]);
  const [next] = await user.future(id);
  await user.control(id, 'run-now', { item: next.id });
  await user.becomes(id, { 3: 'unknown sender_died', 0: 'sent' });
  expect(await user.outcome(id)).toBe('reminded');
  expect(await accepted()).toHaveLength(2);
}, 120_000);
