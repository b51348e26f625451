import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let api: TestProcess;
let worker: TestProcess;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi('false');
  worker = await stack.startWorker();
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});
afterAll(() => stack.close());

const start = async () => {
  api = await stack.startApi('false');
  worker = await stack.startWorker();
};

test('everything stands still for 26 hours across three instants: each catch_up does exactly what it says', async () => {
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
  await Promise.all([api.stop(), worker.stop()]);
  for (const { id } of made) await user.moveTo(id, { 3: -25, 0: -13, '-7': -1 });
  await start();
  for (const { id, phone, become } of made) {
    await user.wake(id);
    expect(await user.becomes(id, become)).toEqual(become);
    const sent = Object.entries(become).flatMap(([days, state]) => (state === 'sent' ? [`It is ${days}.`] : []));
    expect((await user.texts(phone)).toSorted()).toEqual(sent.toSorted());
  }
});

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
});
