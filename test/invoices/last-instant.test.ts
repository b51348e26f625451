import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { biller, reminder } from './biller.ts';

/** The last instant that a row holds. What is counted from there on stays before the year 10000. */
const LAST = '9999-12-31T23:59:59.999Z';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let contact: { id: string; phone: string };

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  contact = await user.customer();
});
afterAll(() => stack.close());

const made = async (): Promise<string> => (await user.invoice(contact.id, { reminders: [reminder(0)] })).id;
const reminders = async (id: string) => (await user.seen(id)).reminders;

test('what was put at the last instant stays there when the time of a pause is added', async () => {
  const id = await made();
  for (const [verb, more] of [
    ['reschedule', { at: LAST }],
    ['pause', {}],
    ['resume', { mode: 'shift' }],
  ] as const) {
    expect([verb, (await user.control(id, verb, more)).status]).toEqual([verb, 200]);
  }
  expect(await reminders(id)).toMatchObject([{ status: 'scheduled', planned_at: LAST }]);
});

test('what quiet hours would keep until the year 10000 does not leave', async () => {
  await user.settings({ quiet_hours: { start: '20:00', end: '09:00', topics: ['reminders'] } });
  const id = await made();
  expect((await user.control(id, 'reschedule', { at: LAST })).status).toBe(200);
  expect(await reminders(id)).toMatchObject([{ status: 'missed', reason: 'out_of_range', planned_at: LAST }]);
  await user.settings({ quiet_hours: null });
});

test('a message that waits can be moved to the end of the calendar', async () => {
  const id = await made();
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'x' });
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  const moved = await user.patch(id, { due_date: '9999-12-31', timezone: 'Pacific/Pago_Pago' });
  expect([moved.status, moved.text]).toEqual([200, expect.stringContaining('"9999-12-31T20:00:00.000Z"')]);
  expect((await user.control(id, 'reschedule', { at: LAST })).status).toBe(200);
  await tenant.call('POST', `${channel}/resume`, {});
});

test('a message can be planned for the last instant', async () => {
  await user.writes(contact.phone);
  const id = await user.planned({ contact_id: contact.id, text: 'Happy new year!', send_at: LAST });
  expect(await user.get(id)).toMatchObject({ planned_at: LAST, latest_useful_at: LAST });
});
