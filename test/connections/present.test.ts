import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { anyId, connect, event, type Account } from './stripe.ts';

let stack: Stack;
let stripe: StripeServer;
let tenant: TestTenant;
let account: Account;
let number = 0;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
  await stack.startApi('false');
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  account = await connect(stack, tenant, { access_token: 'sk_test_good' });
});
afterEach(() => stripe.fail(undefined));

async function invoice(more: object = {}): Promise<string> {
  const body = { invoice_number: `Q-${(number += 1)}`, amount: '100', due_date: '2126-01-31', ...more };
  return (await tenant.call('POST', '/api/v1/invoices', body)).body.id;
}
const seen = async (id: string) => (await tenant.call('GET', `/api/v1/invoices/${id}`)).body;
const booked = async (id: string) => {
  const { status, amount_paid, amount_refunded } = await seen(id);
  return [status, amount_paid, amount_refunded];
};
const alerts = async () => (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
const subjects = async () =>
  (await alerts()).map(({ kind, subject }: { kind: string; subject: string }) => [kind, subject]);

/** An invoice of Stripe's as it stands after these payments. */
const holds = (id: string, stripeInvoice: string, paid: { amount: number; intent: string }[], more: object = {}) => {
  const sum = paid.reduce((total, { amount }) => total + amount, 0);
  const data = paid.map(({ intent }) => ({ payment: { type: 'payment_intent', payment_intent: intent } }));
  const object = account.invoice(id, sum, { id: stripeInvoice, status: 'open', payments: { data }, ...more });
  stripe.holds(object);
  return object;
};

test('parts of an invoice of Stripe’s are booked as they come, and the end of it books no more than all', async () => {
  const id = await invoice();
  const stripeInvoice = anyId('in');
  const paid = [{ amount: 3000, intent: anyId('pi') }];
  holds(id, stripeInvoice, paid);
  await account.tell(event('invoice_payment.paid', account.part(stripeInvoice, 3000)));
  expect(await booked(id)).toEqual(['partially_paid', '30.00', '0.00']);

  paid.push({ amount: 2000, intent: anyId('pi') }, { amount: 5000, intent: anyId('pi') });
  const whole = holds(id, stripeInvoice, paid, { status: 'paid' });
  // Their reports come late, at once, and in the wrong order.
  await Promise.all([
    account.tell(event('invoice.paid', whole)),
    account.tell(event('invoice_payment.paid', account.part(stripeInvoice, 5000))),
    account.tell(event('invoice_payment.paid', account.part(stripeInvoice, 2000))),
    account.tell(event('invoice.payment_succeeded', whole)),
  ]);
  expect(await booked(id)).toEqual(['paid', '100.00', '0.00']);
  // A refund of any of them finds the invoice, though it does not name it.
  const charge = account.charge(undefined, 1000, { payment_intent: paid[1]?.intent });
  await account.tell(event('charge.refunded', charge));
  expect(await booked(id)).toEqual(['paid', '100.00', '10.00']);
  expect(await alerts()).toEqual([]);
});

test('without an access token parts are not known, and the end of it books them all', async () => {
  account = await connect(stack, tenant);
  const id = await invoice();
  const stripeInvoice = anyId('in');
  await account.tell(event('invoice_payment.paid', account.part(stripeInvoice, 3000)));
  expect([await booked(id), await account.outcomes()]).toEqual([['open', '0.00', '0.00'], ['unlinked']]);
  await account.tell(event('invoice.paid', account.invoice(id, 10_000, { id: stripeInvoice })));
  expect(await booked(id)).toEqual(['paid', '100.00', '0.00']);
});

test('a part that comes while Stripe cannot be asked is not taken in, and is booked when it comes again', async () => {
  const id = await invoice();
  const stripeInvoice = anyId('in');
  holds(id, stripeInvoice, [{ amount: 3000, intent: anyId('pi') }]);
  const body = event('invoice_payment.paid', account.part(stripeInvoice, 3000));
  for (const how of [500, 401] as const) {
    stripe.fail(how);
    const answer = await account.post(body);
    expect([how, answer.status, answer.body.code]).toEqual([how, 503, 'provider_unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(await account.outcomes()).toEqual([]);
  expect(await subjects()).toEqual([['connection_refused', account.id]]);
  stripe.fail(undefined);
  await tenant.call('POST', `/api/v1/connections/${account.id}/rotate-secret`, { access_token: 'sk_test_good' });
  await account.tell(body);
  expect(await booked(id)).toEqual(['partially_paid', '30.00', '0.00']);
});

test('payments and refunds are booked while Stripe cannot be asked, or hides what it is asked for', async () => {
  for (const how of [500, 403, 404] as const) {
    const id = await invoice();
    const pi = anyId('pi');
    stripe.fail(how);
    await account.tell(event('checkout.session.completed', account.session(id, 10_000, { payment_intent: pi })));
    await account.tell(event('charge.refunded', account.charge(undefined, 1000, { payment_intent: pi })));
    expect([how, await booked(id)]).toEqual([how, ['paid', '100.00', '10.00']]);
    stripe.fail(undefined);
  }
  const id = await invoice();
  stripe.fail('hang');
  await account.tell(event('invoice.paid', account.invoice(id, 10_000)));
  expect((await seen(id)).status).toBe('paid');
  // A key that may not see a charge is good for all else.
  expect(await alerts()).toEqual([]);
});

test('what Stripe says now counts, not what an old event said', async () => {
  const id = await invoice();
  const session = account.session(id, 10_000, { payment_status: 'unpaid' });
  stripe.holds({ ...session, payment_status: 'paid' });
  const charge = account.charge(id, 1000, { payment_intent: session.payment_intent });
  stripe.holds({ ...charge, amount_refunded: 2500 });
  await account.tell(event('charge.refunded', charge));
  await account.tell(event('checkout.session.completed', session));
  expect(await booked(id)).toEqual(['paid', '100.00', '25.00']);
  await account.tell(event('checkout.session.async_payment_succeeded', { ...session, payment_status: 'paid' }));
  await account.tell(event('charge.refunded', { ...charge, amount_refunded: 2000 }));
  expect(await booked(id)).toEqual(['paid', '100.00', '25.00']);
  expect(await account.outcomes()).toEqual(['refunded', 'paid', 'already_booked', 'already_booked']);
});

test('an event that is repeated, or is of another account, asks Stripe nothing', async () => {
  const id = await invoice();
  const body = event('checkout.session.completed', account.session(id, 10_000));
  await account.tell(body);
  const before = stripe.asked.length;
  await account.tell(body);
  await account.tell(event('checkout.session.completed', account.session(id, 10_000), { account: 'acct_other' }));
  await account.tell(event('customer.created', { id: 'cus_1', object: 'customer' }));
  expect(stripe.asked.length).toBe(before);
});

test.each([
  ['invoice.voided', 'void'],
  ['invoice.marked_uncollectible', 'uncollectible'],
])('%s closes the invoice that it names, and its reminders stop', async (type, status) => {
  const contact = await messenger(stack, tenant).contact(anyPhone());
  const reminder = { days_before_due: 3, message_template: 'Hi, invoice {invoice_number} over {amount} is due soon.' };
  const id = await invoice({ contact_id: contact, reminders: [reminder] });
  const closed = account.invoice(id, 0, { status });
  await account.tell(event(type, closed));
  expect(await seen(id)).toMatchObject({ status, reminders: [{ status: 'cancelled', reason: status }] });
  await account.tell(event(type, closed));
  // That of a stranger, and of nobody.
  await account.tell(event(type, account.invoice('', 0, { status, metadata: {} })));
  await account.tell(event(type, account.invoice(id, 0, { status, metadata: { tenant_id: '1', invoice_id: 'x' } })));
  expect(await account.outcomes()).toEqual(['closed', 'already_closed', 'unlinked', 'other_tenant']);
  expect(await alerts()).toEqual([]);
});

test('an invoice that was paid does not become void; given up before it was paid it stays paid, in any order', async () => {
  account = await connect(stack, tenant);
  const [first, second] = [await invoice(), await invoice()];
  const givenUp = (id: string) =>
    event('invoice.marked_uncollectible', account.invoice(id, 0, { status: 'uncollectible' }));
  const paid = (id: string) => event('invoice.paid', account.invoice(id, 10_000));
  for (const body of [givenUp(first), paid(first), paid(second), givenUp(second)]) await account.tell(body);
  for (const id of [first, second]) expect(await booked(id)).toEqual(['paid', '100.00', '0.00']);
  expect(await account.outcomes()).toEqual(['closed', 'paid', 'paid', 'superseded']);
  expect(await alerts()).toEqual([]);
  await account.tell(event('invoice.voided', account.invoice(first, 0, { status: 'void' })));
  expect([(await seen(first)).status, await subjects()]).toEqual(['paid', [['payment_unmatched', first]]]);
});

test('what stands otherwise by now, or in another version, closes nothing', async () => {
  const id = await invoice();
  const old = account.invoice(id, 0, { status: 'uncollectible' });
  stripe.holds({ ...old, status: 'paid', amount_paid: 10_000 });
  await account.tell(event('invoice.marked_uncollectible', old));
  const revised = account.invoice(id, 0, { status: 'void', latest_revision: anyId('in') });
  await account.tell(event('invoice.voided', revised));
  expect([await booked(id), await account.outcomes()]).toEqual([
    ['open', '0.00', '0.00'],
    ['superseded', 'superseded'],
  ]);
});
