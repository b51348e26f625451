import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { fetchHistory } from '../harness/history.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let contact: string;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  ({ id: contact, phone } = await user.customer({ timezone: 'Europe/Berlin' }));
});

const contactPath = () => `/api/v1/contacts/${contact}`;
/** Waits until the next thing that the flow does is at that instant. */
const nextAt = (id: string, at: string) =>
  until(
    () => user.future(id),
    ([first]) => first?.at === at,
  );
const inTheirZone = (more: object = {}) =>
  user.invoice(contact, { timezone: undefined, reminders: [reminder(0)], ...more });

test('what is planned follows the settings of the tenant and the zone of the contact', async () => {
  const { id } = await inTheirZone();
  await nextAt(id, '2031-03-10T08:00:00.000Z');
  await user.shows(id, 'waiting');
  await user.settings({ reminder_time: '10:30' });
  await nextAt(id, '2031-03-10T09:30:00.000Z');
  await tenant.call('PATCH', contactPath(), { timezone: 'Asia/Tokyo' });
  await nextAt(id, '2031-03-10T01:30:00.000Z');
  await user.settings({ quiet_hours: { start: '10:00', end: '12:00', topics: ['reminders'] } });
  await nextAt(id, '2031-03-10T03:00:00.000Z');
  // The workflow sleeps until then and not until before.
  const wakesAt = async () => {
    const { events } = await fetchHistory(await stack.temporalClient(), `invoice/${tenant.id}/${id}`);
    const timer = events.findLast(({ eventType }) => eventType === 'EVENT_TYPE_TIMER_STARTED');
    return (
      Date.parse(timer.eventTime) + Number.parseFloat(timer.timerStartedEventAttributes.startToFireTimeout) * 1_000
    );
  };
  await until(wakesAt, (at) => Math.abs(at - Date.parse('2031-03-10T03:00:00.000Z')) < 5_000);
});

test('a reminder goes to the phone that the contact has when it leaves', async () => {
  const { id } = await inTheirZone();
  const other = anyPhone();
  await tenant.call('PATCH', contactPath(), { phone_number: other });
  await user.control(id, 'run-now');
  await user.becomes(id, { 0: 'sent' });
  expect([await user.texts(phone), await user.texts(other)]).toEqual([[], [expect.any(String)]]);
});

test('one that waits in the ledger follows as well: to the new phone, and to the new contact', async () => {
  const { id } = await inTheirZone();
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'maintenance' });
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  const other = await user.customer({ first_name: 'Grace' });
  await user.patch(id, { contact_id: other.id });
  await tenant.call('POST', `${channel}/resume`, {});
  await user.becomes(id, { 0: 'sent' });
  expect([await user.texts(phone), await user.texts(other.phone)]).toEqual([[], [expect.stringContaining('Grace')]]);
});

test('the reminders of a contact that was deleted end at once', async () => {
  const { id } = await inTheirZone();
  await tenant.call('DELETE', contactPath());
  await user.becomes(id, { 0: 'cancelled contact_gone' });
  expect(await user.outcome(id)).toBe('not_reminded');
});

test('an erased contact leaves no text of a reminder behind, none will leave, and Temporal never had one', async () => {
  const message_template = 'Dear Countess, invoice {invoice_number} is open.';
  const { id } = await inTheirZone({ reminders: [reminder(3, { message_template }), reminder(0)] });
  await user.control(id, 'run-now');
  await user.becomes(id, { 3: 'sent' });
  await user.control(id, 'pause');
  expect((await tenant.call('POST', `${contactPath()}/erase`)).status).toBe(200);
  await user.becomes(id, { 3: 'sent', 0: 'cancelled erased' });
  const rows = await stack.database.sql(
    `select to_jsonb(m) from app.messages m where flow_id = $1 union all
     select to_jsonb(r) from app.reminders r where invoice_id = $1 union all
     select to_jsonb(f) from app.flows f where id = $1`,
    [id],
  );
  const history = await fetchHistory(await stack.temporalClient(), `invoice/${tenant.id}/${id}`);
  for (const personal of ['Countess', 'Ada', phone, 'the customer called'])
    expect(JSON.stringify(rows) + history.text).not.toContain(personal);
  // A late payment is booked, and wakes nothing.
  expect((await user.pay(id)).body).toMatchObject({ invoice: { status: 'paid' }, cancelled_reminders: [] });
  expect((await user.flow(id)).status).toBe('cancelled');
});

test('a reminder whose channel was removed leaves from the one that the tenant has now', async () => {
  const { id } = await inTheirZone();
  const old = await user.channelId();
  await stack.database.sql(
    `insert into app.channels select (jsonb_populate_record(c, jsonb_build_object('id', $2::text, 'phone_number_id', '999999999999999'))).*
     from app.channels c where id = $1`,
    [old, '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f'],
  );
  await tenant.call('DELETE', `/api/v1/channels/${old}`);
  await user.control(id, 'run-now');
  const [message] = await until(
    () =>
      stack.database.sql<{ channel_id: string; reason: string }>(
        'select channel_id, reason from app.messages where flow_id = $1',
        [id],
      ),
    (rows) => rows.length > 0,
  );
  expect(message?.channel_id).toBe('01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f');
});

test('an invoice that got its contact later can be reminded of', async () => {
  const { id } = await user.invoice(undefined);
  expect((await user.post(`/${id}/reminders`, reminder(0))).body.code).toBe('invoice_without_contact');
  expect((await user.patch(id, { contact_id: contact })).status).toBe(200);
  expect((await user.post(`/${id}/reminders`, reminder(0))).status).toBe(201);
  await user.control(id, 'run-now');
  await user.becomes(id, { 0: 'sent' });
});

test('another due date plans anew also what was moved by hand; the same one leaves that where it is', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(3), reminder(0)] });
  const [first] = await user.future(id);
  await user.control(id, 'pause');
  await user.control(id, 'resume', { mode: 'shift' });
  await user.control(id, 'reschedule', { item: first.id, at: '2031-03-08T12:00:00Z' });
  const byHand = (await user.future(id)).map(({ at }) => at);
  expect((await user.patch(id, { due_date: '2031-03-10' })).body.moved_reminders).toEqual([]);
  expect((await user.future(id)).map(({ at }) => at)).toEqual(byHand);

  const { moved_reminders } = (await user.patch(id, { due_date: '2031-06-10' })).body;
  expect(moved_reminders.map(({ from, to }: Json) => [from, to]).toSorted()).toEqual([
    [byHand[0], '2031-06-07T09:00:00.000Z'],
    [byHand[1], '2031-06-10T09:00:00.000Z'],
  ]);
});
