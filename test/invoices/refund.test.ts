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

const refund = (id: string, more: object = {}) =>
  user.post(`/${id}/refunds`, { amount: '99.99', reopen: true, ...more });
const each = [3, 0, -7].map((days) => reminder(days));
const states = async (id: string) =>
  Object.fromEntries(
    (await user.seen(id)).reminders.map(({ days_before_due, status, reason }: Json) => [
      days_before_due,
      reason ?? status,
    ]),
  );

test('an invoice that is owed again reminds again: what its payment cancelled and is still ahead comes back', async () => {
  const { id } = await user.invoice(contact, { reminders: each });
  const [skipped] = await user.future(id);
  await user.control(id, 'skip', { item: skipped.id });
  await user.pay(id);
  expect(await user.outcome(id)).toBe('paid');
  const answer = await refund(id);
  expect([answer.status, answer.body.invoice.status]).toEqual([200, 'open']);
  expect(answer.body.restored_reminders).toEqual([
    { id: expect.any(String), planned_at: '2031-03-10T09:00:00.000Z' },
    { id: expect.any(String), planned_at: '2031-03-17T09:00:00.000Z' },
  ]);
  expect(await states(id)).toEqual({ 3: 'skipped', 0: 'scheduled', '-7': 'scheduled' });
  await user.shows(id, 'waiting');
  await user.control(id, 'run-now');
  await user.sent(id, 1);
  expect(await user.texts(phone)).toHaveLength(1);
});

test('what would have left meanwhile stays cancelled: a refund reminds of nothing at once', async () => {
  const { id } = await user.invoice(contact, { reminders: each });
  await user.pay(id);
  await user.moveTo(id, { 3: -1, 0: -0.1 });
  const answer = await refund(id);
  expect(answer.body.restored_reminders).toHaveLength(1);
  expect(await states(id)).toEqual({ 3: 'paid', 0: 'paid', '-7': 'scheduled' });
});

test('a reminder whose message waited when the payment came leaves after the refund, saying what is owed now', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  const channel = `/api/v1/channels/${await user.channelId()}`;
  await tenant.call('POST', `${channel}/pause`, { reason: 'maintenance' });
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  await user.post(`/${id}/promise-to-pay`, { date: '2031-03-20' });
  await user.pay(id);
  await tenant.call('POST', `${channel}/resume`, {});
  expect((await refund(id, { amount: '9.99' })).body.restored_reminders).toHaveLength(1);
  await user.control(id, 'run-now');
  await user.sent(id, 1);
  expect(await user.texts(phone)).toEqual([expect.stringContaining('$9.99')]);
});

test('nothing comes back where the invoice stays paid, again, or twice beside another one of the same time', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  await user.pay(id);
  expect((await refund(id, { amount: '1', reopen: false })).body).toMatchObject({
    invoice: { status: 'paid' },
    restored_reminders: [],
  });
  const again = { amount: '1', reference: 'bounced' };
  expect((await refund(id, again)).body.restored_reminders).toHaveLength(1);
  expect((await refund(id, again)).body.restored_reminders).toEqual([]);
  // Paid and owed again, with one more that was made in between.
  await user.pay(id, '2');
  expect((await refund(id, { amount: '2' })).body.restored_reminders).toHaveLength(1);
  expect(await states(id)).toEqual({ 0: 'scheduled' });
});

test('an amount that is raised after the payment brings them back as well', async () => {
  const { id } = await user.invoice(contact, { reminders: each });
  await user.pay(id);
  const answer = await user.patch(id, { amount: '150' });
  expect(answer.body.status).toBe('partially_paid');
  expect(await states(id)).toEqual({ 3: 'scheduled', 0: 'scheduled', '-7': 'scheduled' });
});

const owedAgain = {
  'a refund': (id: string) => refund(id),
  'a raised amount': (id: string) => user.patch(id, { amount: '150' }),
};

test.each(Object.entries(owedAgain))(
  'what was deleted after the payment does not come back with %s; what cannot be skipped any more does',
  async (_word, owe) => {
    const { id } = await user.invoice(contact, { reminders: each });
    const [first, second] = await user.future(id);
    await user.pay(id);
    const remove = () => tenant.call('DELETE', `/api/v1/invoices/${id}/reminders/${first?.id}`);
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
    expect(await user.post(`/${id}/reminders/${second?.id}/skip`)).toMatchObject({
      status: 409,
      body: { code: 'reminder_not_pending' },
    });
    await owe(id);
    expect(await states(id)).toEqual({ 3: 'deleted', 0: 'scheduled', '-7': 'scheduled' });
    const { past } = await user.timeline(id);
    expect(past.filter(({ what }: Json) => what === 'reminder.deleted')).toHaveLength(1);
    expect((await remove()).status).toBe(204);
  },
);

const standing = async (id: string) => {
  const { status, amount_due, updated_at } = await user.seen(id);
  return { status, amount_due, updated_at };
};

test('what is settled stays settled after a refund: the same amount again, a smaller one and more money owe nothing', async () => {
  const { id } = await user.invoice(contact, { reminders: each });
  await user.pay(id);
  await refund(id, { reopen: false });
  const settled = await standing(id);
  expect(settled).toMatchObject({ status: 'paid', amount_due: '0.00' });
  expect((await user.patch(id, { amount: '99.990' })).body).toMatchObject({ status: 'paid', moved_reminders: [] });
  expect(await standing(id)).toEqual(settled);
  expect((await user.patch(id, { amount: '50' })).body).toMatchObject({ status: 'paid', amount_due: '0.00' });
  expect((await user.pay(id, '10')).body.invoice).toMatchObject({ status: 'paid', amount_due: '0.00' });
  expect(await states(id)).toEqual({ 3: 'paid', 0: 'paid', '-7': 'paid' });

  // Raised: all is owed that has not come in and stayed.
  expect((await user.patch(id, { amount: '120' })).body).toMatchObject({
    status: 'partially_paid',
    amount_due: '110.00',
  });
  expect(await states(id)).toEqual({ 3: 'scheduled', 0: 'scheduled', '-7': 'scheduled' });
});

test('what was given up stays so after a refund or another amount; late money takes that back', async () => {
  const { id } = await user.invoice(contact, { reminders: each });
  await user.pay(id, '50');
  await user.post(`/${id}/uncollectible`);
  expect((await user.patch(id, { amount: '120' })).body.status).toBe('uncollectible');
  for (const reopen of [false, true])
    expect((await refund(id, { amount: '10', reopen })).body.invoice.status).toBe('uncollectible');
  expect((await user.patch(id, { amount: '110' })).body.status).toBe('uncollectible');
  expect(await states(id)).toEqual({ 3: 'uncollectible', 0: 'uncollectible', '-7': 'uncollectible' });
  expect((await user.pay(id, '10')).body.invoice).toMatchObject({ status: 'partially_paid', amount_due: '70.00' });
});
