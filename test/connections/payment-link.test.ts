import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { connect, event } from './stripe.ts';

let stack: Stack;
let stripe: StripeServer;
let tenant: TestTenant;
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
});
afterEach(() => stripe.fail(undefined));

const good = { access_token: 'sk_test_good' };
async function invoice(more: object = {}): Promise<string> {
  const body = { invoice_number: `L-${(number += 1)}`, amount: '99.99', due_date: '2126-01-31', ...more };
  return (await tenant.call('POST', '/api/v1/invoices', body)).body.id;
}
const link = (id: string) => tenant.call('POST', `/api/v1/invoices/${id}/payment-link`);
const codeOf = async (id: string) => {
  const { status, body } = await link(id);
  return [status, body.code];
};

test('a link charges what is due, names the invoice, and paying there closes it', async () => {
  const account = await connect(stack, tenant, good);
  expect(account.made).toMatchObject({ account_id: 'acct_test_1', has_access_token: true });
  const id = await invoice();
  await tenant.call('POST', `/api/v1/invoices/${id}/payments`, { amount: '49.99' });
  const answer = await link(id);
  expect([answer.status, answer.body]).toEqual([
    200,
    { url: expect.stringContaining('https://checkout.stripe.com/'), expires_at: expect.any(String) },
  ]);
  const params = stripe.sessions.at(-1)?.params ?? {};
  expect(params).toMatchObject({
    mode: 'payment',
    client_reference_id: id,
    'metadata[tenant_id]': String(tenant.id),
    'metadata[invoice_id]': id,
    'payment_intent_data[metadata][invoice_id]': id,
    'line_items[0][price_data][currency]': 'usd',
    'line_items[0][price_data][unit_amount]': '5000',
    'line_items[0][quantity]': '1',
  });
  const page = await stack.call('GET', new URL(params['success_url'] ?? '').pathname);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('Thank you')]);

  const { tenant_id, invoice_id } = {
    tenant_id: params['metadata[tenant_id]'],
    invoice_id: params['metadata[invoice_id]'],
  };
  const paid = account.session(id, 5000, { metadata: { tenant_id, invoice_id } });
  await account.tell(event('checkout.session.completed', paid));
  expect((await tenant.call('GET', `/api/v1/invoices/${id}`)).body.status).toBe('paid');
  expect(await codeOf(id)).toEqual([409, 'nothing_due']);
});

test('the same amount due has the same page, another amount another', async () => {
  await connect(stack, tenant, good);
  const id = await invoice();
  const urls = await Promise.all([link(id), link(id), link(id)]);
  expect(new Set(urls.map(({ body }) => body.url)).size).toBe(1);
  await tenant.call('POST', `/api/v1/invoices/${id}/payments`, { amount: '0.99' });
  expect((await link(id)).body.url).not.toBe(urls[0]?.body.url);
});

test('a page that is about to end is replaced by a new one', async () => {
  await connect(stack, tenant, good);
  const id = await invoice();
  const { url } = (await link(id)).body;
  stripe.age();
  const answer = await link(id);
  expect([answer.status, answer.body.url === url]).toEqual([200, false]);
  expect(Date.parse(answer.body.expires_at)).toBeGreaterThan(Date.now() + 60 * 60 * 1000);
  expect((await link(id)).body.url).toBe(answer.body.url);
});

test('without a connection that can charge, or with nothing that could be charged, the answer says so', async () => {
  const id = await invoice();
  expect(await codeOf(id)).toEqual([409, 'no_connection']);
  await connect(stack, tenant);
  expect(await codeOf(id)).toEqual([409, 'no_connection']);
  await connect(stack, tenant, good);
  expect((await link(id)).status).toBe(200);
  expect(await codeOf(await invoice({ status: 'draft' }))).toEqual([409, 'invoice_not_open']);
  // Stripe takes tens of fils alone.
  expect(await codeOf(await invoice({ amount: '5.125', currency: 'KWD' }))).toEqual([422, 'provider_refused']);
});

test('while Stripe is away the answer says when to try again', async () => {
  await connect(stack, tenant, good);
  const id = await invoice();
  for (const how of [500, 429] as const) {
    stripe.fail(how);
    const answer = await link(id);
    expect([how, answer.status, answer.body.code]).toEqual([how, 503, 'provider_unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  stripe.fail(undefined);
  expect((await link(id)).status).toBe(200);
});

test('a token that Stripe does not take is refused, and one that it took no more raises an alert until it is replaced', async () => {
  const wrong = { platform: 'stripe', secret: 'whsec_something', access_token: 'sk_test_wrong' };
  const refused = await tenant.call('POST', '/api/v1/connections', wrong);
  expect([refused.status, refused.body.code, refused.text.includes('sk_test')]).toEqual([
    422,
    'connection_refused',
    false,
  ]);

  const { id: connection } = await connect(stack, tenant, good);
  const id = await invoice();
  stripe.fail(401);
  expect(await codeOf(id)).toEqual([422, 'connection_refused']);
  const seen = async () => (await tenant.call('GET', `/api/v1/connections/${connection}`)).body.status;
  const open = async () => (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data.length;
  expect([await seen(), await open()]).toEqual(['refused', 1]);
  stripe.fail(undefined);
  const answer = await tenant.call('POST', `/api/v1/connections/${connection}/rotate-secret`, good);
  expect([answer.status, await seen(), await open()]).toEqual([200, 'active', 0]);
});
