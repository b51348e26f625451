import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
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
  ({ id: contact, phone } = await user.customer());
});

/** Due at an instant: one reminder goes at that, the other at a time of day, which is the same one in New York alone. */
const twoTimes = (more: object = {}) =>
  user.invoice(contact, {
    timezone: 'Europe/Berlin',
    due_date: '2031-01-10T17:00:00Z',
    reminders: [reminder(0), reminder(0, { send_at_time: '12:00' })],
    ...more,
  });
const instants = async (id: string) => (await user.future(id)).map(({ at }) => at);
const behind = async (id: string) =>
  (await user.timeline(id)).past
    .filter(({ what }: Json) => what === 'reminder.missed')
    .map(({ item, detail }: Json) => ({ item, detail }));

test('a zone that brings two reminders to one instant leaves one of them, and the answer and the timeline say why', async () => {
  const { id } = await twoTimes();
  expect(await instants(id)).toEqual(['2031-01-10T11:00:00.000Z', '2031-01-10T17:00:00.000Z']);
  const answer = await user.patch(id, { timezone: 'America/New_York' });
  expect(answer.status).toBe(200);
  // Which of the two it is does not matter: both say the same time.
  const stopped = (answer.body.moved_reminders as Json[]).filter(({ to }) => to === null);
  expect(stopped).toEqual([{ id: expect.any(String), from: expect.any(String), to: null, reason: 'same_time' }]);
  expect(await instants(id)).toEqual(['2031-01-10T17:00:00.000Z']);
  expect(await behind(id)).toEqual([{ item: stopped[0]?.id, detail: 'same_time' }]);
  // To say it again is no change.
  expect((await user.patch(id, { amount: '80.00' })).body.moved_reminders).toEqual([]);

  // Elsewhere the two are two again.
  const back = await user.patch(id, { timezone: 'Europe/Berlin' });
  expect(back.body.moved_reminders).toContainEqual(expect.objectContaining({ id: stopped[0]?.id, from: null }));
  expect(await instants(id)).toEqual(['2031-01-10T11:00:00.000Z', '2031-01-10T17:00:00.000Z']);
  expect(await behind(id)).toEqual([]);
});

test('so does the zone of the contact, whom nobody refuses it', async () => {
  const { id } = await twoTimes({ timezone: undefined });
  await tenant.call('PATCH', `/api/v1/contacts/${contact}`, { timezone: 'America/New_York' });
  await until(
    () => instants(id),
    (seen) => seen.length === 1,
  );
  expect(await behind(id)).toMatchObject([{ detail: 'same_time' }]);
  await tenant.call('PATCH', `/api/v1/contacts/${contact}`, { timezone: 'Asia/Tokyo' });
  await until(
    () => instants(id),
    (seen) => seen.length === 2,
  );
});

test('of two that quiet hours end at the same time the one of the later day leaves, for as long as they do', async () => {
  const quiet = { start: '20:00', end: '07:30', topics: ['reminders'] };
  await user.settings({ quiet_hours: quiet });
  const { id: reader } = await user.customer({ timezone: 'UTC' });
  const reminders = [reminder(1, { send_at_time: '22:00' }), reminder(0, { send_at_time: '06:00' })];
  const made = await user.invoice(reader, { reminders });
  const state = (all: Json[]) =>
    Object.fromEntries(all.map(({ days_before_due, status, reason }) => [days_before_due, reason ?? status]));
  expect(state(made.reminders)).toEqual({ 1: 'same_time', 0: 'scheduled' });
  expect(await instants(made.id)).toEqual(['2031-03-10T07:30:00.000Z']);
  await user.settings({ quiet_hours: null });
  await until(
    () => instants(made.id),
    (seen) => seen.length === 2,
  );
  expect(state((await user.seen(made.id)).reminders)).toEqual({ 1: 'scheduled', 0: 'scheduled' });
  await user.settings({ quiet_hours: quiet });
  await until(
    () => instants(made.id),
    (seen) => seen.length === 1,
  );
});

test('the instant of two comes: one text leaves, and the other reminder says why it did not', async () => {
  const { id } = await twoTimes();
  const [early, late] = await user.future(id);
  const at = new Date(Date.now() + 6_000).toISOString();
  for (const { id: item } of [late, early]) await user.control(id, 'reschedule', { item, at });
  expect(await instants(id)).toEqual([at]);
  await user.outcome(id);
  expect(await user.texts(phone)).toHaveLength(1);
  const reminders = (await user.seen(id)).reminders as Json[];
  expect(reminders.map(({ status, reason }) => reason ?? status).toSorted()).toEqual(['same_time', 'sent']);
});

test('when the one that leaves is skipped or deleted, the one that stayed behind leaves in its place', async () => {
  for (const verb of ['skip', 'delete']) {
    const { id } = await twoTimes();
    await user.patch(id, { timezone: 'America/New_York' });
    const [leaves] = await user.future(id);
    const path = `/api/v1/invoices/${id}/reminders/${leaves.id}`;
    const answer = verb === 'skip' ? await tenant.call('POST', `${path}/skip`) : await tenant.call('DELETE', path);
    expect(answer.status).toBeLessThan(300);
    const [other, ...more] = await user.future(id);
    expect([other.at, other.id === leaves.id, more]).toEqual(['2031-01-10T17:00:00.000Z', false, []]);
    await user.control(id, 'run-now');
    expect(await user.outcome(id)).toBe('reminded');
  }
  expect(await user.texts(phone)).toHaveLength(2);
});

const closings = {
  cancelled: (id: string) => user.control(id, 'cancel'),
  paid: (id: string) => user.pay(id),
  void: (id: string) => user.post(`/${id}/void`),
};

test.each(Object.entries(closings))(
  'when the flow is %s, the one that stayed behind ends with the one that would have left',
  async (word, close) => {
    const { id } = await twoTimes();
    await user.patch(id, { timezone: 'America/New_York' });
    expect(await close(id)).toMatchObject({ status: 200 });
    expect(await user.outcome(id)).toBe(word);
    expect(await user.future(id)).toEqual([]);
    const state = { status: 'cancelled', reason: word };
    expect((await user.seen(id)).reminders).toMatchObject([state, state]);
  },
);

test('nothing brings back what stayed behind in a flow that was cancelled', async () => {
  const { id } = await twoTimes();
  await user.patch(id, { timezone: 'America/New_York' });
  await user.control(id, 'cancel');
  await user.patch(id, { timezone: 'Europe/Berlin' });
  await user.patch(id, { due_date: '2031-02-10T17:00:00Z' });
  expect(await user.future(id)).toEqual([]);
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled' });
});

test('a payment that goes back has both of them planned again, and one leaves', async () => {
  const { id } = await twoTimes();
  await user.patch(id, { timezone: 'America/New_York' });
  await user.pay(id);
  await user.post(`/${id}/refunds`, { amount: '99.99', reopen: true });
  expect(await instants(id)).toEqual(['2031-01-10T17:00:00.000Z']);
  expect(await behind(id)).toMatchObject([{ detail: 'same_time' }]);
});
