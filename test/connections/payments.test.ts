import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { anyId, connect, event, type Account } from './stripe.ts';

let stack: Stack;
let tenant: TestTenant;
let account: Account;
let number = 0;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  account = await connect(stack, tenant);
});

async function invoice(more: object = {}, of = tenant): Promise<string> {
  const body = { invoice_number: `S-${(number += 1)}`, amount: '99.99', due_date: '2126-01-31', ...more };
  const answer = await of.call('POST', '/api/v1/invoices', body);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body.id;
}
const seen = async (id: string, of = tenant) => (await of.call('GET', `/api/v1/invoices/${id}`)).body;
const booked = async (id: string) => {
  const { status, amount_paid, amount_refunded } = await seen(id);
  return [status, amount_paid, amount_refunded];
};
const alerts = async () => (await tenant.call('GET', '/api/v1/alerts')).body.data;

test('a checkout that was paid closes the invoice, and its reminders with it', async () => {
  const contact = await messenger(stack, tenant).contact(anyPhone());
  const reminder = {
    days_before_due: 3,
    message_template: 'Hi {contact_name}, invoice {invoice_number} is due on {due_date}: {amount_due}.',
  };
  const id = await invoice({ contact_id: contact, reminders: [reminder] });
  await account.tell(event('checkout.session.completed', account.session(id, 9999)));
  expect(await booked(id)).toEqual(['paid', '99.99', '0.00']);
  expect((await seen(id)).reminders).toEqual([expect.objectContaining({ status: 'cancelled', reason: 'paid' })]);
  expect(await account.outcomes()).toEqual(['paid']);
  expect(await alerts()).toEqual([]);
});

test('the same event ten times at once pays once', async () => {
  const id = await invoice({ amount: '1000' });
  const body = event('checkout.session.completed', account.session(id, 9999));
  const answers = await Promise.all(Array.from({ length: 10 }, () => account.post(body)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(await booked(id)).toEqual(['partially_paid', '99.99', '0.00']);
  expect(await account.outcomes()).toEqual(['paid']);
});

test.each([
  ['that name its payment intent', (pi: string) => ({ payment_intent: pi })],
  ['of newer API versions, which do not', () => ({})],
])('all reports of one payment, with invoices %s, count once in whatever order', async (_name, ofInvoice) => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    const id = await invoice({ amount: '1000' });
    const [pi, stripeInvoice] = [anyId('pi'), anyId('in')];
    const paid = account.invoice(id, 9999, { id: stripeInvoice, ...ofInvoice(pi) });
    const reports = [
      event('checkout.session.completed', account.session(id, 9999, { payment_intent: pi, invoice: stripeInvoice })),
      event('invoice.paid', paid),
      event('invoice.payment_succeeded', paid),
    ];
    for (const n of order) await account.tell(reports[n] ?? '');
    expect([order, await booked(id)]).toEqual([order, ['partially_paid', '99.99', '0.00']]);
  }
  expect((await account.outcomes()).toSorted()).toEqual([...Array(6).fill('already_booked'), ...Array(3).fill('paid')]);
});

test('reports of one payment that come at the same moment count once', async () => {
  const id = await invoice({ amount: '1000' });
  const pi = anyId('pi');
  await Promise.all([
    account.tell(event('checkout.session.completed', account.session(id, 9999, { payment_intent: pi }))),
    account.tell(event('invoice.paid', account.invoice(id, 9999, { payment_intent: pi }))),
    account.tell(event('invoice.payment_succeeded', account.invoice(id, 9999, { payment_intent: pi }))),
  ]);
  expect(await booked(id)).toEqual(['partially_paid', '99.99', '0.00']);
});

test('a checkout counts when its money has come, not when it was gone through', async () => {
  const id = await invoice();
  const session = account.session(id, 9999, { payment_status: 'unpaid' });
  await account.tell(event('checkout.session.completed', session));
  expect(await booked(id)).toEqual(['open', '0.00', '0.00']);
  await account.tell(event('checkout.session.async_payment_succeeded', { ...session, payment_status: 'paid' }));
  expect(await booked(id)).toEqual(['paid', '99.99', '0.00']);
  expect(await account.outcomes()).toEqual(['not_paid_yet', 'paid']);
});

test('refunds say all that went back so far: only what is new is booked, in any order', async () => {
  const id = await invoice();
  const [pi, charge] = [anyId('pi'), anyId('ch')];
  const refunded = (amount: number) =>
    event('charge.refunded', account.charge(undefined, amount, { id: charge, payment_intent: pi }));
  await account.tell(event('checkout.session.completed', account.session(id, 9999, { payment_intent: pi })));
  for (const amount of [1000, 3000, 2000, 3000, 9999]) await account.tell(refunded(amount));
  expect(await booked(id)).toEqual(['paid', '99.99', '99.99']);
  expect(await account.outcomes()).toEqual([
    'paid',
    'refunded',
    'refunded',
    'already_booked',
    'already_booked',
    'refunded',
  ]);
});

test('a refund that comes before its payment is booked with it, named by the invoice or not', async () => {
  for (const link of ['named', undefined]) {
    const id = await invoice();
    const pi = anyId('pi');
    const charge = account.charge(link && id, 2500, { payment_intent: pi });
    await account.tell(event('charge.refunded', charge));
    expect(await booked(id)).toEqual(['open', '0.00', '0.00']);
    await account.tell(event('checkout.session.completed', account.session(id, 9999, { payment_intent: pi })));
    expect(await booked(id)).toEqual(['paid', '99.99', '25.00']);
  }
  expect(await account.outcomes()).toEqual(['refunded', 'paid', 'refunded', 'paid']);
});

test('a payment and its refund that come at the same moment are both booked', async () => {
  for (let n = 0; n < 10; n += 1) {
    const id = await invoice();
    const pi = anyId('pi');
    await Promise.all([
      account.tell(event('checkout.session.completed', account.session(id, 9999, { payment_intent: pi }))),
      account.tell(event('charge.refunded', account.charge(undefined, 2500, { payment_intent: pi }))),
    ]);
    expect(await booked(id)).toEqual(['paid', '99.99', '25.00']);
  }
});

test.each([
  ['JPY', '500', 500, '500'],
  ['ISK', '500', 50_000, '500'],
  ['UGX', '7000', 700_000, '7000'],
  ['HUF', '99.90', 9990, '99.90'],
  ['MGA', '500.00', 500, '500.00'],
  ['KWD', '5.120', 5120, '5.120'],
])('Stripe’s integers are read as %s means them', async (currency, amount, minor, paid) => {
  const id = await invoice({ currency, amount });
  await account.tell(
    event('checkout.session.completed', account.session(id, minor, { currency: currency.toLowerCase() })),
  );
  expect((await booked(id)).slice(0, 2)).toEqual(['paid', paid]);
});

test('money in another currency, for no invoice or for a draft is not booked, and a person hears of it', async () => {
  const [id, draft] = [await invoice(), await invoice({ status: 'draft' })];
  const strange = randomUUIDv7();
  await account.tell(event('checkout.session.completed', account.session(id, 9999, { currency: 'eur' })));
  await account.tell(event('invoice.paid', account.invoice(strange, 9999)));
  await account.tell(event('invoice.paid', account.invoice('no id at all', 9999)));
  await account.tell(event('invoice.paid', account.invoice(draft, 9999)));
  expect(await account.outcomes()).toEqual([
    'other_currency',
    'unknown_invoice',
    'unknown_invoice',
    'invoice_not_open',
  ]);
  expect(await booked(id)).toEqual(['open', '0.00', '0.00']);
  expect((await alerts()).map(({ kind }: { kind: string }) => kind)).toEqual(Array(4).fill('payment_unmatched'));
});

test('money beyond what is due, and for a void invoice, is booked, and a person hears of it', async () => {
  const [id, gone] = [await invoice(), await invoice()];
  await tenant.call('POST', `/api/v1/invoices/${gone}/void`, {});
  await account.tell(event('checkout.session.completed', account.session(id, 9999)));
  expect(await alerts()).toEqual([]);
  await account.tell(event('checkout.session.completed', account.session(id, 9999)));
  expect((await seen(id)).overpaid).toBe('99.99');
  expect((await alerts()).map(({ subject }: { subject: string }) => subject)).toEqual([id]);
});

test('what an account takes beside us is of no interest, and types that nobody knows neither', async () => {
  const plain = { metadata: {}, client_reference_id: null };
  await account.tell(event('checkout.session.completed', account.session('', 9999, plain)));
  await account.tell(event('customer.created', { id: 'cus_1', object: 'customer' }));
  await account.tell(event('some.future.type', {}));
  expect(await account.outcomes()).toEqual(['unlinked', 'ignored', 'ignored']);
  expect(await alerts()).toEqual([]);
});

test('an event of another account books nothing', async () => {
  const id = await invoice();
  await account.tell(event('checkout.session.completed', account.session(id, 9999), { account: 'acct_other' }));
  expect(await account.outcomes()).toEqual(['other_account']);
  expect(await booked(id)).toEqual(['open', '0.00', '0.00']);
});

test('a connection pays the invoices of its own tenant alone', async () => {
  const other = await stack.tenants.make();
  const theirs = await invoice({}, other);
  const honest = account.session(theirs, 9999);
  await account.tell(event('checkout.session.completed', honest));
  const claimed = { ...honest.metadata, tenant_id: String(other.id) };
  await account.tell(event('checkout.session.completed', account.session(theirs, 9999, { metadata: claimed })));
  expect(await account.outcomes()).toEqual(['unknown_invoice', 'other_tenant']);
  expect(await seen(theirs, other)).toMatchObject({ status: 'open', amount_paid: '0.00' });
  expect((await other.call('GET', '/api/v1/alerts')).body.data).toEqual([]);
});

test('two tenants with one account: each hears of all its payments, and books its own', async () => {
  const other = await stack.tenants.make();
  const theirs = await connect(stack, other);
  const id = await invoice();
  const body = event('checkout.session.completed', account.session(id, 9999));
  await Promise.all([account.tell(body), theirs.tell(body)]);
  expect([await account.outcomes(), await theirs.outcomes()]).toEqual([['paid'], ['other_tenant']]);
  expect(await booked(id)).toEqual(['paid', '99.99', '0.00']);
  // It is nothing unusual to either.
  expect([await alerts(), (await other.call('GET', '/api/v1/alerts')).body.data]).toEqual([[], []]);
  // An invoice of ours under another's name is.
  const misnamed = account.session(id, 9999, { metadata: { tenant_id: String(other.id), invoice_id: id } });
  await account.tell(event('checkout.session.completed', misnamed));
  expect([await booked(id), (await alerts()).length]).toEqual([['paid', '99.99', '0.00'], 1]);
});

test('an event that two connections of a tenant report pays once', async () => {
  const second = await connect(stack, tenant);
  const id = await invoice({ amount: '1000' });
  const pi = anyId('pi');
  const body = event('checkout.session.completed', account.session(id, 9999, { payment_intent: pi }));
  await Promise.all([account.tell(body), second.tell(body)]);
  const charge = event('charge.refunded', account.charge(undefined, 1000, { payment_intent: pi }));
  await Promise.all([account.tell(charge), second.tell(charge)]);
  expect(await booked(id)).toEqual(['partially_paid', '99.99', '10.00']);
});

test.each(['after', 'before'])(
  'a refund of more than was paid, told %s it, is not booked, and a person hears of it',
  async (when) => {
    const id = await invoice();
    const pi = anyId('pi');
    const reports = [
      event('checkout.session.completed', account.session(id, 1000, { payment_intent: pi })),
      event('charge.refunded', account.charge(undefined, 1001, { payment_intent: pi })),
    ];
    for (const report of when === 'after' ? reports : reports.toReversed()) await account.tell(report);
    expect(await booked(id)).toEqual(['partially_paid', '10.00', '0.00']);
    expect((await account.outcomes()).toSorted()).toEqual(['paid', 'refund_too_large']);
    expect((await alerts()).map(({ subject }: { subject: string }) => subject)).toEqual([id]);
  },
);

test('payments whose sum no row can hold are refused whole: nothing of them stays', async () => {
  const id = await invoice({ currency: 'JPY', amount: '1' });
  const most = () => account.session(id, 999_999_999_999, { currency: 'jpy' });
  await account.tell(event('checkout.session.completed', most()));
  await account.tell(event('checkout.session.completed', most()));
  expect(await account.outcomes()).toEqual(['paid', 'invalid_request']);
  const rows = await stack.database.sql('select amount from app.invoice_payments where invoice_id = $1', [id]);
  expect([(await seen(id)).amount_paid, rows.length]).toEqual(['999999999999', 1]);
  expect((await alerts()).map(({ subject }: { subject: string }) => subject)).toEqual([id]);
});

test.each([
  ['an amount beyond all sense', (a: Account, id: string) => a.session(id, 1, { amount_total: 1e15 })],
  ['an amount with a part of a cent', (a: Account, id: string) => a.session(id, 1.5)],
  ['a negative amount', (a: Account, id: string) => a.session(id, -1)],
  ['no object', () => 'nothing'],
  ['ids that no row holds', (a: Account, id: string) => a.session(id, 1, { id: 'cs_\u0000' })],
])('%s is recorded as unreadable, with an alert', async (_name, made) => {
  const id = await invoice();
  await account.tell(event('checkout.session.completed', made(account, id) as object));
  expect(await account.outcomes()).toEqual(['unreadable']);
  expect(await booked(id)).toEqual(['open', '0.00', '0.00']);
  expect(await alerts()).toHaveLength(1);
});
