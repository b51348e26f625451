import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { anyAddress } from '../email/mailer.ts';
import { startFront } from '../harness/front.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { biller, reminder } from './biller.ts';

let front: Awaited<ReturnType<typeof startFront>>;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  front = await startFront();
  stack = await createStack({ through: { sandboxUrl: (url) => front.to(url) } });
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});
afterAll(async () => {
  await stack.close();
  await front.close();
});

const closings = {
  paid: (id: string) => user.pay(id),
  void: (id: string) => user.post(`/${id}/void`),
  uncollectible: (id: string) => user.post(`/${id}/uncollectible`),
};

test.each(Object.entries(closings))(
  'a reminder that was at the provider when its invoice became %s, and that the provider did not take, is not tried again',
  async (status, closeInvoice) => {
    const { id: contact, phone } = await user.customer();
    const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
    const send = front.keepNextSend();
    await user.control(id, 'run-now');
    await send.asked;
    const closed = await closeInvoice(id);
    // It may still be taken, so nobody is told that it never leaves.
    expect(closed).toMatchObject({ status: 200, body: { cancelled_reminders: [] } });
    send.refuse();
    expect(await user.outcome(id)).toBe(status);
    expect((await user.seen(id)).reminders).toMatchObject([{ status: 'cancelled', reason: status }]);
    expect(await user.texts(phone)).toEqual([]);
  },
);

/** A reminder that is at the provider, which keeps its answer, and another one that is planned. */
async function underWay() {
  const { id: contact, phone } = await user.customer();
  const { id } = await user.invoice(contact, { reminders: [reminder(0), reminder(-7)] });
  const send = front.keepNextSend();
  await user.control(id, 'run-now');
  await send.asked;
  return { id, phone, ...send };
}

const both = (state: object) => [state, state];

test('a reminder that was at the provider when its flow was cancelled, and that the provider did not take, is not tried again', async () => {
  const { id, phone, refuse } = await underWay();
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200 });
  // Who asks again, before and after the end, changes nothing.
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200 });
  refuse();
  expect(await user.outcome(id)).toBe('cancelled');
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200 });
  const { past } = await user.timeline(id);
  expect(past.filter(({ what }: Json) => what === 'flow.cancel')).toHaveLength(1);
  expect((await user.seen(id)).reminders).toMatchObject(both({ status: 'cancelled', reason: 'cancelled' }));
  expect(await user.texts(phone)).toEqual([]);
});

test('what is planned after such a cancel takes the flow up again, and it ends as it else would', async () => {
  const { id, phone, refuse } = await underWay();
  await user.control(id, 'cancel');
  const added = await user.post(`/${id}/reminders`, reminder(-14));
  expect(added.status).toBe(201);
  refuse();
  await user.becomes(id, { 0: 'cancelled cancelled', [-7]: 'cancelled cancelled', [-14]: 'scheduled' });
  await user.control(id, 'run-now');
  expect(await user.outcome(id)).toBe('reminded');
  expect(await user.texts(phone)).toHaveLength(1);
});

test('no refund brings back what was planned in a flow that was cancelled after the payment', async () => {
  const { id, refuse } = await underWay();
  await user.pay(id);
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200 });
  await user.post(`/${id}/refunds`, { amount: '99.99', reopen: true });
  refuse();
  expect(await user.outcome(id)).toBe('cancelled');
  expect(await user.future(id)).toEqual([]);
});

test('nothing of a reminder is written for a medium that became possible after the cancel', async () => {
  const { id, phone, hangUp } = await underWay();
  await user.control(id, 'cancel');
  const [contact] = await stack.database.sql<{ contact_id: string }>(
    'select contact_id from app.invoices where id = $1',
    [id],
  );
  const email = anyAddress();
  await tenant.call('PATCH', `/api/v1/contacts/${contact?.contact_id}`, { email });
  await user.settings({ email_reminders: true });
  // Nobody knows now whether it left, so the flow looks again until that is settled.
  hangUp();
  expect(await user.outcome(id)).toBe('cancelled');
  expect([await user.texts(phone), await stack.mailsAt(email)]).toEqual([[], []]);
});

const ends = {
  cancelled: (id: string) => user.control(id, 'cancel'),
  paid: (id: string) => user.pay(id),
  void: (id: string) => user.post(`/${id}/void`),
};
const orders = Object.entries(ends).flatMap(([word, end]) => [
  { word, when: 'before', end, steps: ['pause', 'end'] },
  { word, when: 'after', end, steps: ['end', 'pause'] },
]);

test.each(orders)(
  'a flow that is paused $when it is $word, while a reminder is at the provider, ends',
  async ({ word, end, steps }) => {
    const { id, phone, refuse } = await underWay();
    for (const step of steps) {
      expect(await (step === 'pause' ? user.control(id, 'pause') : end(id))).toMatchObject({ status: 200 });
    }
    refuse();
    expect(await user.outcome(id)).toBe(word);
    expect(await user.flow(id)).toMatchObject({
      status: word === 'paid' ? 'completed' : 'cancelled',
      stage: 'ended',
      outcome: word,
    });
    expect(await user.texts(phone)).toEqual([]);
  },
);

test('nobody is told that a reminder is skipped which is at the provider, and may be tried again', async () => {
  const { id, phone, refuse } = await underWay();
  const [{ id: item }] = (await user.seen(id)).reminders as [Json];
  expect(await user.control(id, 'skip', { item })).toMatchObject({ status: 409, body: { code: 'nothing_planned' } });
  refuse();
  await user.becomes(id, { 0: 'sent' });
  expect(await user.texts(phone)).toHaveLength(1);
});

test('nor one that would come back with what is owed again', async () => {
  const { id, refuse } = await underWay();
  const [, { id: item }] = (await user.seen(id)).reminders as [Json, Json];
  await user.pay(id);
  expect(await user.control(id, 'skip', { item })).toMatchObject({ status: 409, body: { code: 'nothing_planned' } });
  await user.post(`/${id}/refunds`, { amount: '99.99', reopen: true });
  expect(await user.control(id, 'skip', { item })).toMatchObject({ status: 200 });
  refuse();
  await user.becomes(id, { 0: 'cancelled paid', [-7]: 'skipped skipped' });
});
