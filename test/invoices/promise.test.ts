import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
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

const promise = (id: string, date: unknown) => user.post(`/${id}/promise-to-pay`, { date });
const instants = async (id: string) => (await user.future(id)).map(({ at }) => at);
const each = (catch_up: string) => [3, 0, -7].map((days) => reminder(days, { catch_up }));

test.each<[string, string[]]>([
  ['drop', ['2031-03-17T09:00:00.000Z']],
  ['send_once', ['2031-03-12T09:00:00.000Z', '2031-03-17T09:00:00.000Z']],
  ['shift', ['2031-03-12T09:00:00.000Z', '2031-03-12T09:00:00.000Z', '2031-03-17T09:00:00.000Z']],
])('until the end of the promised day nothing reminds; in the morning after %s decides', async (catch_up, left) => {
  const { id } = await user.invoice(contact, { reminders: each(catch_up) });
  const answer = await promise(id, '2031-03-11');
  expect(answer.body).toMatchObject({ promised_for: '2031-03-11' });
  expect(answer.body.moved_reminders).toHaveLength(2);
  expect(await instants(id)).toEqual(left);
  expect((await promise(id, '2031-03-11')).body.moved_reminders).toEqual([]);

  // A new date replaces it: what the first one had dropped comes back.
  expect((await promise(id, '2031-03-01')).body).toMatchObject({ promised_for: '2031-03-01' });
  expect(await instants(id)).toEqual([
    '2031-03-07T09:00:00.000Z',
    '2031-03-10T09:00:00.000Z',
    '2031-03-17T09:00:00.000Z',
  ]);
});

test('the timeline says that a promise has moved it, and who noted that', async () => {
  const { id } = await user.invoice(contact, { reminders: each('shift') });
  await promise(id, '2031-03-11');
  const { past, future } = await user.timeline(id);
  // Two of them have come to the same instant.
  expect(future.map(({ shifts }: Json) => shifts)).toContainEqual([
    { reason: 'promised', from: '2031-03-07T09:00:00.000Z', to: '2031-03-12T09:00:00.000Z' },
  ]);
  expect(past).toContainEqual(expect.objectContaining({ what: 'invoice.promise', by: 'api_key' }));
});

test('a promise holds what is due already, and what pays the invoice ends it', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'maintenance' });
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  // Its message waits in the ledger: a promise takes it back.
  const [moved] = (await promise(id, '2031-03-20')).body.moved_reminders;
  expect(moved).toMatchObject({ to: '2031-03-21T09:00:00.000Z' });
  await tenant.call('POST', `${channel}/resume`, {});
  await user.shows(id, 'waiting');
  expect(await user.texts(phone)).toEqual([]);

  const paid = await user.pay(id);
  expect(paid.body.invoice).toMatchObject({ status: 'paid', promised_for: null });
  expect(paid.body.cancelled_reminders).toHaveLength(1);
  expect(await user.outcome(id)).toBe('paid');
});

test('who pays a part keeps the promise for the rest: nothing reminds before its day is over', async () => {
  const { id } = await user.invoice(contact, { reminders: each('shift') });
  await promise(id, '2031-03-11');
  const before = await instants(id);
  const part = await user.pay(id, '50');
  expect(part.body.invoice).toMatchObject({ status: 'partially_paid', promised_for: '2031-03-11' });
  expect(await instants(id)).toEqual(before);
  expect((await user.pay(id, '49.99')).body.invoice).toMatchObject({ status: 'paid', promised_for: null });
});

test.each<[unknown, number, string]>([
  ['2020-01-01', 422, 'invalid_request'],
  ['10000-01-01', 422, 'invalid_request'],
  ['9999-12-31', 422, 'invalid_request'],
  ['2031-02-31', 422, 'invalid_request'],
  [20310311, 422, 'invalid_request'],
])('a promise for %p is refused', async (date, status, code) => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  const answer = await promise(id, date);
  expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([status, code, 'date']);
});

test('what is paid or a draft cannot be promised', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await user.pay(id);
  expect((await promise(id, '2031-03-11')).body.code).toBe('invoice_closed');
  const draft = await user.invoice(contact, { status: 'draft' });
  expect((await promise(draft.id, '2031-03-11')).body.code).toBe('invoice_not_open');
});

test('what a promise dropped comes back with a due date that puts it ahead, with the message that waited for it', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(3, { catch_up: 'drop' })] });
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'maintenance' });
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  expect((await promise(id, '2031-03-20')).body.moved_reminders).toMatchObject([{ to: null, reason: 'promised' }]);
  await user.outcome(id);
  await tenant.call('POST', `${channel}/resume`, {});

  // Still within the promise: nothing has moved.
  expect((await user.patch(id, { due_date: '2031-03-12' })).body.moved_reminders).toEqual([]);
  const [back] = (await user.patch(id, { due_date: '2031-09-10' })).body.moved_reminders;
  expect(back).toMatchObject({ to: '2031-09-07T09:00:00.000Z' });
  await user.shows(id, 'waiting');
  await user.control(id, 'run-now');
  await user.sent(id, 1);
  expect(await user.texts(phone)).toHaveLength(1);
});

test('a due date that leaves it behind brings back nothing: nobody is reminded because a date was changed', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(3, { catch_up: 'drop' }), reminder(-7)] });
  await promise(id, '2031-03-20');
  await stack.database.sql('update app.invoices set promised_for = null where id = $1', [id]);
  await user.patch(id, { due_date: '2026-01-10' });
  const states = (await user.seen(id)).reminders.map(({ days_before_due, reason }: Json) => [days_before_due, reason]);
  expect(states).toContainEqual([3, 'promised']);
});

test('no later promise, and no other due date, brings back what was dropped in a flow that was cancelled', async () => {
  const { id } = await user.invoice(contact, { reminders: each('drop') });
  await promise(id, '2031-03-11');
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  await promise(id, '2031-03-01');
  await user.patch(id, { due_date: '2031-05-10' });
  expect(await instants(id)).toEqual([]);
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled' });
});

test('nor in one that was cancelled after its invoice had been given up, when late money takes that back', async () => {
  const { id } = await user.invoice(contact, { reminders: each('drop') });
  await promise(id, '2031-03-11');
  await user.post(`/${id}/uncollectible`);
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled', outcome: 'uncollectible' });
  for (let n = 0; n < 2; n++)
    expect(await user.control(id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect((await user.pay(id, '50')).body.invoice).toMatchObject({ status: 'partially_paid' });
  await user.patch(id, { due_date: '2031-05-10' });
  await promise(id, '2031-03-01');
  expect(await instants(id)).toEqual([]);
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled' });
  const { past } = await user.timeline(id);
  expect(past.filter(({ what }: Json) => what === 'flow.cancel')).toHaveLength(1);
});
