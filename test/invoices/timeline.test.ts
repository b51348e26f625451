import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { fetchHistory } from '../harness/history.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { mailer } from '../email/mailer.ts';
import { reminder } from './biller.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;
let contact: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  ({ id: contact } = await user.customer());
});

const past = async (id: string, ...whats: string[]): Promise<Json[]> =>
  ((await user.timeline(id)).past as Json[]).filter(({ what }) => whats.includes(what));
const idsOf = (invoice: Json): Record<string, string> =>
  Object.fromEntries(invoice.reminders.map((one: Json) => [one.days_before_due, one.id]));
const unlessOf = async (id: string): Promise<Record<string, string[]>> => {
  const days = Object.entries(idsOf(await user.seen(id)));
  return Object.fromEntries(
    (await user.future(id)).map((one) => [days.find(([, item]) => item === one.id)?.[0], one.unless]),
  );
};
const always = ['paid', 'void', 'uncollectible', 'skipped', 'paused', 'cancelled', 'opted_out'];

test('a reminder that was missed stands in the past, with why, and the flow ends without having reminded', async () => {
  const invoice = await user.invoice(contact, {
    reminders: [reminder(3, { catch_up: 'drop' }), reminder(0, { catch_up: 'drop' })],
  });
  const ids = idsOf(invoice);
  await user.control(invoice.id, 'pause');
  await user.moveTo(invoice.id, { 3: -20, 0: -15 });
  await user.control(invoice.id, 'resume');
  await user.becomes(invoice.id, { 3: 'missed too_late', 0: 'missed too_late' });
  expect(await user.outcome(invoice.id)).toBe('not_reminded');
  expect(await user.flow(invoice.id)).toMatchObject({ status: 'completed', outcome: 'not_reminded' });
  const missed = await past(invoice.id, 'reminder.missed');
  expect(missed).toMatchObject([
    { by: 'flow', item: ids[3], detail: 'too_late' },
    { by: 'flow', item: ids[0], detail: 'too_late' },
  ]);
});

test('what a payment cancels stands in the past as its doing, and the others as the flow’s', async () => {
  const [paid, gone] = [
    await user.invoice(contact, { reminders: [reminder(0)] }),
    await user.invoice(contact, { reminders: [reminder(0)] }),
  ];
  await user.pay(paid.id);
  const [payment] = await past(paid.id, 'invoice.payment');
  expect(payment).toMatchObject({ by: 'api_key', by_id: expect.stringMatching(/-/) });
  expect(await past(paid.id, 'reminder.cancelled')).toMatchObject([
    { by: 'api_key', by_id: payment.by_id, item: idsOf(paid)[0], detail: 'paid' },
  ]);
  await tenant.call('DELETE', `/api/v1/contacts/${contact}`);
  expect(await user.outcome(gone.id)).toBe('not_reminded');
  expect(await past(gone.id, 'reminder.cancelled')).toMatchObject([
    { by: 'flow', item: idsOf(gone)[0], detail: 'contact_gone' },
  ]);
});

test('what is said of a message names its reminder, and a reminder whose message says why it ended is said once', async () => {
  const { id: refuses } = await user.customer();
  await tenant.call('PATCH', `/api/v1/contacts/${refuses}`, { opt_in: { reminders: false } });
  const invoice = await user.invoice(refuses, { reminders: [reminder(0)] });
  await user.control(invoice.id, 'run-now');
  expect(await user.outcome(invoice.id)).toBe('not_reminded');
  const item = idsOf(invoice)[0];
  expect(await past(invoice.id, 'message.planned', 'message.cancelled', 'reminder.cancelled')).toMatchObject([
    { what: 'message.planned', item },
    { what: 'message.cancelled', item, detail: expect.stringContaining('opted_out') },
  ]);
});

test('the timeline says which reminder somebody has skipped, moved or sent at once, who it was, and to when', async () => {
  const invoice = await user.invoice(contact, { reminders: [reminder(3), reminder(0), reminder(-7)] });
  const ids = idsOf(invoice);
  await user.control(invoice.id, 'skip', { item: ids[0] });
  await user.control(invoice.id, 'reschedule', { item: ids[-7], at: '2031-03-20T10:00:00Z' });
  await user.control(invoice.id, 'run-now');
  await user.becomes(invoice.id, { 3: 'sent' });
  const by = { by: 'api_key', by_id: expect.stringMatching(/-/) };
  const events = await past(invoice.id, 'flow.skip', 'flow.reschedule', 'flow.run-now', 'reminder.skipped');
  expect(events.map(({ what, item }) => [what, item])).toEqual([
    ['reminder.skipped', ids[0]],
    ['flow.skip', ids[0]],
    ['flow.reschedule', ids[-7]],
    ['flow.run-now', ids[3]],
  ]);
  for (const event of events) expect(event).toMatchObject(by);
  expect(events[2].to).toBe('2031-03-20T10:00:00.000Z');
  expect(Math.abs(Date.parse(events[3].to) - Date.parse(events[3].at))).toBeLessThan(5_000);
});

test('each reminder says what could stop it, and no other', async () => {
  const reminders = [
    reminder(3, { catch_up: 'send_once' }),
    reminder(0, { catch_up: 'drop' }),
    reminder(-3, { catch_up: 'shift' }),
    reminder(-7, { catch_up: 'send_once', message_template: 'Invoice {invoice_number} is late.' }),
  ];
  const { id } = await user.invoice(contact, { reminders });
  const approved = () =>
    stack.database.sql(`select from app.templates where tenant_id = $1 and status = 'approved'`, [tenant.id]);
  await until(approved, ({ length }) => length === 2);
  const common = [...always, 'contact_gone'];
  expect(await unlessOf(id)).toEqual({
    3: [...common, 'superseded', 'promised'],
    0: [...common, 'promised', 'too_late'],
    '-3': common,
    '-7': common,
  });
  await stack.database.sql(
    `update app.templates set status = 'paused' where id = (
       select template_id from app.reminders where invoice_id = $1 and days_before_due = -7)`,
    [id],
  );
  expect((await unlessOf(id))['-7']).toEqual([...common, 'template_not_approved']);
});

test('a reminder that has left by WhatsApp, and whose mail waits, is foretold as that mail', async () => {
  await user.wantsMail();
  const { id: reader } = await user.reader();
  const invoice = await user.invoice(reader, { reminders: [reminder(0), reminder(-3)] });
  await user.pauseMail('pause');
  await user.control(invoice.id, 'run-now');
  const ids = idsOf(invoice);
  const future = await until(
    () => user.future(invoice.id),
    ([first]) => first?.what === 'send_email' && first.shifts.at(-1)?.reason === 'channel_paused',
  );
  expect(future.map(({ id, what }) => [id, what])).toEqual([
    [ids[0], 'send_email'],
    [ids[-3], 'send'],
  ]);
  expect(future[0]?.['unless']).toContain('unsubscribed');
});

test('what comes next is the first, also where the governor holds one beyond another', async () => {
  const invoice = await user.invoice(contact, { reminders: [reminder(3, { catch_up: 'shift' }), reminder(0)] });
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'x' });
  await user.control(invoice.id, 'run-now');
  await user.shows(invoice.id, 'channel_paused');
  // It is looked at again in a quarter of an hour; the other one leaves before.
  await user.control(invoice.id, 'reschedule', {
    item: idsOf(invoice)[0],
    at: new Date(Date.now() + 300_000).toISOString(),
  });
  const future = await until(
    () => user.future(invoice.id),
    (seen) => seen.some(({ shifts }) => shifts.at(-1)?.reason === 'channel_paused'),
  );
  expect(future.map(({ at }) => at)).toEqual(future.map(({ at }) => at).toSorted());
});

test('asked for now while it is quiet, a reminder is said to wait until that ends', async () => {
  const hours = (at: number): string => new Date(Date.now() + at * 3_600_000).toISOString().slice(11, 16);
  await user.settings({ quiet_hours: { start: hours(-2), end: hours(5), topics: ['reminders'] } });
  const { id: sleeps } = await user.customer({ timezone: 'UTC' });
  const invoice = await user.invoice(sleeps, { reminders: [reminder(0)] });
  const { status, body } = await user.control(invoice.id, 'run-now');
  const [next] = await user.future(invoice.id);
  expect([status, body.next_action_at]).toEqual([200, next?.['at']]);
  expect(next).toMatchObject({ shifts: [{ reason: 'quiet_hours', to: next?.['at'] }] });
  expect(next?.['at'].slice(11, 16)).toBe(hours(5));
  expect(await past(invoice.id, 'flow.run-now')).toMatchObject([{ to: next?.['at'] }]);
  expect((await user.flow(invoice.id)).next_action_at).toBe(next?.['at']);
});

test('Temporal shows of a timer and of a send which reminder it is of, also after somebody has moved it', async () => {
  const invoice = await user.invoice(contact, { reminders: [reminder(3), reminder(0)] });
  const summaries = async (type: string): Promise<string[]> => {
    const { events } = await fetchHistory(await stack.temporalClient(), `invoice/${tenant.id}/${invoice.id}`);
    return events
      .filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`)
      .map(({ userMetadata }) => JSON.parse(Buffer.from(userMetadata.summary.data, 'base64').toString()));
  };
  const timers = (count: number) =>
    until(
      () => summaries('TIMER_STARTED').catch(() => []),
      ({ length }) => length === count,
    );
  await timers(1);
  await user.control(invoice.id, 'reschedule', { item: idsOf(invoice)[0], at: '2031-03-01T10:00:00Z' });
  await timers(2);
  await user.control(invoice.id, 'run-now', { item: idsOf(invoice)[3] });
  await user.becomes(invoice.id, { 3: 'sent' });
  expect((await summaries('TIMER_STARTED')).slice(0, 2)).toEqual([
    'reminder 1 of 2, 3 days before due',
    'reminder 1 of 2, moved by hand',
  ]);
  expect(await summaries('ACTIVITY_TASK_SCHEDULED')).toEqual(['reminder 1 of 2, moved by hand']);
});
