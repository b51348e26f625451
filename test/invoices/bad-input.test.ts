import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let contact: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  contact = (await user.customer()).id;
});
afterAll(() => stack.close());

let number = 0;
const create = (more: object) =>
  user.post('', {
    invoice_number: `BAD-${(number += 1)}`,
    contact_id: contact,
    amount: '99.99',
    due_date: '2031-03-10',
    ...more,
  });
const many = (count: number) => Array.from({ length: count }, (_, n) => reminder(n));

test.each<[string, object, string, string]>([
  ['no amount', { amount: 0 }, 'invalid_request', 'amount'],
  ['minus', { amount: '-5' }, 'invalid_request', 'amount'],
  ['more cents than there are', { amount: 0.1 + 0.2 }, 'invalid_request', 'amount'],
  ['cents of a yen', { amount: '10.5', currency: 'JPY' }, 'invalid_request', 'amount'],
  ['a tenth of a fils', { amount: '1.2345', currency: 'KWD' }, 'invalid_request', 'amount'],
  ['more than a column holds', { amount: 1e15 }, 'invalid_request', 'amount'],
  ['13 digits', { amount: '1000000000000' }, 'invalid_request', 'amount'],
  ['an exponent', { amount: '1e2' }, 'invalid_request', 'amount'],
  ['a comma', { amount: '9,99' }, 'invalid_request', 'amount'],
  ['no currency of ISO 4217', { currency: 'XXQ' }, 'invalid_request', 'currency'],
  ['31 February', { due_date: '2031-02-31' }, 'invalid_request', 'due_date'],
  ['the year 10000', { due_date: '10000-01-01' }, 'invalid_request', 'due_date'],
  ['no date at all', { due_date: 'tomorrow' }, 'invalid_request', 'due_date'],
  ['a zone that nobody knows', { timezone: 'Mars/Olympus' }, 'invalid_request', 'timezone'],
  ['21 reminders', { reminders: many(21) }, 'invalid_request', 'reminders'],
  ['1,000 reminders', { reminders: many(1_000) }, 'invalid_request', 'reminders'],
  ['equal reminders', { reminders: [reminder(3), reminder(3)] }, 'duplicate_reminder', 'reminders.1.days_before_due'],
  [
    'one that names the time that the other has anyway',
    { reminders: [reminder(3), reminder(3, { send_at_time: '09:00' })] },
    'duplicate_reminder',
    'reminders.1.days_before_due',
  ],
  [
    'one that names the time at which it is due',
    {
      due_date: '2031-03-10T09:30:00Z',
      timezone: 'Europe/Berlin',
      reminders: [reminder(1), reminder(1, { send_at_time: '10:30' })],
    },
    'duplicate_reminder',
    'reminders.1.days_before_due',
  ],
  ['a reminder without a contact', { contact_id: undefined, reminders: [reminder(0)] }, 'invoice_without_contact', ''],
  ['somebody else’s contact', { contact_id: '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f' }, 'unknown_contact', ''],
  [
    'a placeholder that there is not',
    { reminders: [reminder(0, { message_template: 'Hi {shoe_size}' })] },
    'unknown_placeholder',
    'reminders.0.message_template',
  ],
  ['a time that no clock shows', { reminders: [reminder(0, { send_at_time: '24:00' })] }, 'invalid_request', 'send_at'],
  [
    'a due reminder after it',
    { reminders: [reminder(-1, { reminder_type: 'due' })] },
    'invalid_request',
    'days_before',
  ],
])('an invoice with %s is refused by code and field', async (_name, more, code, field) => {
  const answer = await create(more);
  expect([answer.status, answer.body.code]).toEqual([422, code]);
  if (field) expect(JSON.stringify(answer.body.errors)).toContain(field);
});

test.each<[string, object, object]>([
  ['a JSON number', { amount: 99.99 }, { amount: '99.99' }],
  ['a number with an exponent', { amount: 1e2 }, { amount: '100.00' }],
  ['yen', { amount: 1_000, currency: 'jpy' }, { amount: '1000', currency: 'JPY' }],
  ['dinars', { amount: '1.5', currency: 'KWD' }, { amount: '1.500' }],
  ['the greatest amount', { amount: '999999999999.99' }, { amount: '999999999999.99' }],
  ['no reminders', { reminders: [] }, { reminders: [] }],
])('an invoice with %s is made', async (_name, more, as) => {
  const answer = await create(more);
  expect(answer.status).toBe(201);
  expect(answer.body).toMatchObject(as);
});

test('what is due in the past, or at the end of the calendar, has a plan that says what happens', async () => {
  const past = await create({ due_date: '1999-12-31', reminders: [reminder(0, { catch_up: 'drop' })] });
  expect(past.body.reminders).toMatchObject([{ status: 'missed', reason: 'too_late' }]);
  const last = await create({ due_date: '9999-12-31', timezone: 'UTC', reminders: [reminder(1), reminder(-1)] });
  expect(last.body.reminders).toMatchObject([
    { status: 'scheduled', planned_at: '9999-12-30T09:00:00.000Z' },
    { status: 'missed', reason: 'out_of_range' },
  ]);
  await user.shows(last.body.id, 'waiting');
  expect((await user.control(last.body.id, 'cancel')).body).toMatchObject({ status: 'cancelled' });
});

test('two creates with one number at once make one invoice, and two that need the same texts both succeed', async () => {
  const twice = await Promise.all([create({ invoice_number: 'ONE' }), create({ invoice_number: 'ONE' })]);
  expect(twice.map(({ status, body }) => body.code ?? status).toSorted()).toEqual([201, 'invoice_exists']);
  for (let round = 0; round < 10; round++) {
    const texts = ['a', 'b', 'c'].map((word) => `Text ${word}${round} about {invoice_number} is here.`);
    const reminders = texts.map((message_template, n) => reminder(n, { message_template }));
    const answers = await Promise.all([create({ reminders }), create({ reminders: reminders.toReversed() })]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  }
});

test('a change of nothing changes nothing, and an amount below what is paid pays it', async () => {
  const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
  const before = await user.seen(id);
  expect((await user.patch(id, {})).status).toBe(200);
  expect(await user.seen(id)).toEqual(before);
  expect((await user.pay(id, '50.00')).body.invoice).toMatchObject({ status: 'partially_paid', amount_due: '49.99' });
  const changed = await user.patch(id, { amount: '20.00' });
  expect(changed.body).toMatchObject({ status: 'paid', amount_due: '0.00', overpaid: '30.00' });
  expect(changed.body.cancelled_reminders).toHaveLength(1);
});

test('payments are refused in another currency, and where their sum would be more than a row holds', async () => {
  const { id } = await user.invoice(contact, { amount: '999999999999.99' });
  const euros = await user.post(`/${id}/payments`, { amount: '1', currency: 'EUR' });
  expect([euros.status, euros.body.errors[0].path]).toEqual([422, 'currency']);
  expect((await user.pay(id, '999999999999.99')).status).toBe(200);
  const more = await user.pay(id, '999999999999.99');
  expect([more.status, more.body.errors[0].path]).toEqual([422, 'amount']);
});

test('a draft, which nobody was asked to pay, cannot be given up, and says that it is none yet', async () => {
  const { id } = await user.invoice(contact, { status: 'draft' });
  const answer = await user.post(`/${id}/uncollectible`, {});
  expect([answer.status, answer.body.code]).toEqual([409, 'invoice_not_open']);
});
