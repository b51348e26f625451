import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reconcile } from '../flows/reconcile.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { until } from '../harness/until.ts';
import { connect } from './stripe.ts';

let stack: Stack;
let stripe: StripeServer;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
  await stack.startApi('true');
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});

const ended = () => stripe.asked.filter((call) => call.endsWith('/expire')).length;
const open = async () => {
  const text = 'select tenant_id from app.payment_pages where ended_at is not null and closed_at is null';
  return (await stack.database.sql<{ tenant_id: number }>(text)).map(({ tenant_id }) => tenant_id);
};

/** Invoices that were paid while Stripe was away: their pages are still to be closed. */
async function paidElsewhere(count: number): Promise<{ tenant: TestTenant; connection: string }> {
  const tenant = await stack.tenants.make();
  const { id: connection } = await connect(stack, tenant, { access_token: 'sk_test_good' });
  stripe.fail(500, /expire/);
  for (let n = 0; n < count; n += 1) {
    const body = { invoice_number: `C-${n}`, amount: '99.99', due_date: '2126-01-31' };
    const { id } = (await tenant.call('POST', '/api/v1/invoices', body)).body;
    await tenant.call('POST', `/api/v1/invoices/${id}/payment-link`);
    const before = ended();
    await tenant.call('POST', `/api/v1/invoices/${id}/payments`, { amount: '99.99' });
    await until(ended, (asked) => asked >= before + 2);
  }
  return { tenant, connection };
}

test('while Stripe is away one page of a tenant is asked for in a round, and all are closed once it is back', async () => {
  const { tenant } = await paidElsewhere(5);
  expect(await open()).toEqual(Array(5).fill(tenant.id));
  const before = ended();
  await reconcile(stack);
  // A call and its one repeat, and those of the schedule if it is its minute.
  expect(ended() - before).toBeLessThan(5);
  stripe.fail(undefined);
  await reconcile(stack);
  expect(await open()).toEqual([]);
});

test('a token that no key opens keeps the pages of no other tenant open', async () => {
  const [broken, other] = [await paidElsewhere(1), await paidElsewhere(1)];
  const sealedElsewhere =
    'update app.connections set credentials = (select credentials from app.connections where id = $2) where id = $1';
  await stack.database.sql(sealedElsewhere, [broken.connection, other.connection]);
  stripe.fail(undefined);
  await reconcile(stack);
  expect(await open()).toEqual([broken.tenant.id]);
});
