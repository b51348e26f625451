import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { connect, event, type Account } from './stripe.ts';

let stack: Stack;
let stripe: StripeServer;
let tenant: TestTenant;
let account: Account;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  account = await connect(stack, tenant, { access_token: 'sk_test_good' });
  // One without an access token, and one more than fit into a batch.
  await connect(stack, tenant);
  for (let n = 0; n < 10; n += 1) await connect(stack, await stack.tenants.make(), { access_token: 'sk_test_good' });
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});

let number = 0;
const invoice = async (): Promise<string> => {
  const body = { invoice_number: `N-${(number += 1)}`, amount: '99.99', due_date: '2126-01-31' };
  return (await tenant.call('POST', '/api/v1/invoices', body)).body.id;
};
const seen = async (id: string) => (await tenant.call('GET', `/api/v1/invoices/${id}`)).body;
/** The schedule does this each night; here it is done now. */
const night = async (workflowId: string) =>
  (await stack.temporalClient()).workflow.execute('reconcilePayments', { taskQueue: 'flows', workflowId });

test('what was never reported is booked at night, what was reported is not booked again', async () => {
  const [told, missed] = [await invoice(), await invoice()];
  const arrived = event('checkout.session.completed', account.session(told, 9999));
  await account.tell(arrived);
  const lost = account.session(missed, 9999);
  const charge = account.charge(missed, 1000, { payment_intent: lost.payment_intent });
  const old = event('checkout.session.completed', account.session(missed, 9999), { created: 1_700_000_000 });
  stripe.log(old, arrived, event('checkout.session.completed', lost), event('charge.refunded', charge));

  // The log is the same for each of the accounts: to the others these are payments of another tenant.
  const before = await night('night-1');
  expect(before).toEqual({ missed: 2 + 10 * 3, failed: 0 });
  expect(await seen(missed)).toMatchObject({ status: 'paid', amount_paid: '99.99', amount_refunded: '10.00' });
  expect(await seen(told)).toMatchObject({ status: 'paid', amount_paid: '99.99', overpaid: '0.00' });
  expect(await account.outcomes()).toEqual(['paid', 'paid', 'refunded']);
  expect(await night('night-2')).toEqual({ missed: 0, failed: 0 });

  const history = await fetchHistory(await stack.temporalClient(), 'night-1');
  for (const hidden of [lost.id, charge.id, missed, '99.99', 'sk_test_good'])
    expect(history.text).not.toContain(hidden);
});

test('an account that cannot be asked is counted, and asked again the next night', async () => {
  const id = await invoice();
  stripe.log(event('checkout.session.completed', account.session(id, 9999)));
  stripe.fail(500);
  expect(await night('night-3')).toEqual({ missed: 0, failed: 11 });
  stripe.fail(undefined);
  await night('night-4');
  expect((await seen(id)).status).toBe('paid');
});

test('what Stripe would have to be asked about, and cannot, is left for the next night; the rest is booked', async () => {
  const [part, whole] = [await invoice(), await invoice()];
  const theirs = account.invoice(part, 3000, { status: 'open' });
  stripe.log(
    event('invoice_payment.paid', account.part(theirs.id, 3000)),
    event('invoice.paid', account.invoice(whole, 9999)),
  );
  stripe.fail(500, /invoices/);
  expect(await night('night-5')).toEqual({ missed: 11, failed: 11 });
  expect([(await seen(part)).status, (await seen(whole)).status]).toEqual(['open', 'paid']);
  stripe.fail(undefined);
  stripe.holds(theirs);
  expect(await night('night-6')).toEqual({ missed: 11, failed: 0 });
  expect(await seen(part)).toMatchObject({ status: 'partially_paid', amount_paid: '30.00' });
});

test('a connection whose token no key opens is counted, and keeps no other from being asked', async () => {
  const other = await stack.tenants.make();
  const theirs = await connect(stack, other, { access_token: 'sk_test_good' });
  const body = { invoice_number: 'O-1', amount: '99.99', due_date: '2126-01-31' };
  const { id } = (await other.call('POST', '/api/v1/invoices', body)).body;
  stripe.log(event('checkout.session.completed', theirs.session(id, 9999)));
  const sealedElsewhere =
    'update app.connections set credentials = (select credentials from app.connections where id = $2) where id = $1';
  await stack.database.sql(sealedElsewhere, [account.id, theirs.id]);
  expect(await night('night-7')).toMatchObject({ failed: 1 });
  expect((await other.call('GET', `/api/v1/invoices/${id}`)).body).toMatchObject({ status: 'paid' });
});

test('the schedule is there', async () => {
  const { schedule } = await stack.temporalClient();
  const { action, state } = await schedule.getHandle('reconcile-payments').describe();
  expect([action.workflowType, state.paused]).toEqual(['reconcilePayments', false]);
});
