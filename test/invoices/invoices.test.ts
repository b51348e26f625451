import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let contact: string;
let phone: string;
let number = 0;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  phone = anyPhone();
  contact = await messenger(stack, tenant).contact(phone, { first_name: 'Ada', last_name: 'Lovelace' });
});

const text = 'Hi {contact_name}, payment for invoice {invoice_number} is due on {due_date}: {amount_due}.';
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
const onTime = { days_before_due: 0, message_template: text };
const later = (days: number) => ({ days_before_due: -days, message_template: text, send_at_time: '09:30' });
const post = (path: string, body: object = {}) => tenant.call('POST', `/api/v1/invoices${path}`, body);
const invoiceBody = (more: object) => ({
  invoice_number: `INV-${(number += 1)}`,
  contact_id: contact,
  amount: '99.99',
  due_date: inSeconds(1),
  ...more,
});
async function created(more: object) {
  const answer = await post('', invoiceBody(more));
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body;
}
const seen = async (id: string) => (await tenant.call('GET', `/api/v1/invoices/${id}`)).body;
const reminderReaches = (id: string, status: string, at = 0) =>
  until(
    () => seen(id),
    ({ reminders }) => reminders[at].status === status,
  );
const result = async (id: string) => {
  const handle = (await stack.temporalClient()).workflow.getHandle(`invoice/${tenant.id}/${id}`);
  // The invoice is answered for as soon as it is in the ledger; its flow starts after that.
  await until(
    () => handle.describe().catch(() => undefined),
    (described) => described !== undefined,
  );
  return handle.result();
};

test('a reminder leaves at its instant with the words of the contact’s locale, and the last one ends the flow', async () => {
  const { id, reminders } = await created({ reminders: [onTime] });
  expect(reminders).toEqual([expect.objectContaining({ status: 'scheduled', planned_at: expect.any(String) })]);
  await reminderReaches(id, 'sent');
  const [message] = await stack.messagesOn(phone);
  expect(message?.text).toMatch(/^Hi Ada Lovelace, payment for invoice INV-\d+ is due on \w+ \d+, \d{4}: \$99\.99\.$/);
  expect(await result(id)).toBe('reminded');
  const flow = (await tenant.call('GET', `/api/v1/flows/${id}`)).body;
  expect(flow).toMatchObject({ kind: 'invoice', status: 'completed', outcome: 'reminded' });
  const history = await fetchHistory(await stack.temporalClient(), `invoice/${tenant.id}/${id}`);
  expect(history.count('WORKFLOW_TASK_COMPLETED')).toBeLessThanOrEqual(3);
  for (const personal of [phone, 'Ada', 'INV-', '99.99']) expect(history.text).not.toContain(personal);
});

test('a payment stops what is pending at once, says so, and ends the flow', async () => {
  const { id } = await created({ reminders: [onTime, later(7), later(14)] });
  await reminderReaches(id, 'sent');
  const paid = await post(`/${id}/payments`, { amount: 99.99, reference: 'bank-1' });
  expect(paid.status).toBe(200);
  expect(paid.body.invoice).toMatchObject({ status: 'paid', amount_due: '0.00', amount_paid: '99.99' });
  expect(paid.body.cancelled_reminders).toHaveLength(2);
  expect(await result(id)).toBe('paid');
  expect((await seen(id)).reminders.map(({ status }: { status: string }) => status)).toEqual([
    'sent',
    'cancelled',
    'cancelled',
  ]);
  const again = await post(`/${id}/payments`, { amount: '99.99', reference: 'bank-1' });
  expect([again.status, again.body.invoice.amount_paid, again.body.cancelled_reminders]).toEqual([200, '99.99', []]);
});

test('a reminder that is added after the last one was sent leaves as well', async () => {
  const { id } = await created({ reminders: [onTime] });
  expect(await result(id)).toBe('reminded');
  const added = await post(`/${id}/reminders`, { ...onTime, days_before_due: 1 });
  expect(added.status).toBe(201);
  await reminderReaches(id, 'sent', 1);
  await until(
    async () => (await tenant.call('GET', `/api/v1/flows/${id}`)).body,
    ({ status }) => status === 'completed',
  );
  expect(await stack.messagesOn(phone)).toHaveLength(2);
});

// The phone's prefix says Berlin, which has summer time in April.
test('a changed due date moves what is pending, and the answer says from when to when', async () => {
  const { id } = await created({ due_date: '2031-03-10', reminders: [{ ...later(7), days_before_due: 3 }] });
  const changed = await tenant.call('PATCH', `/api/v1/invoices/${id}`, { due_date: '2031-04-10' });
  expect(changed.status).toBe(200);
  expect(changed.body.moved_reminders).toEqual([
    { id: expect.any(String), from: '2031-03-07T08:30:00.000Z', to: '2031-04-07T07:30:00.000Z', reason: null },
  ]);
});
