import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { connect, event } from '../connections/stripe.ts';
import { pauseReconciler, reconcile } from '../flows/reconcile.ts';
import { stuck } from '../harness/hold.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { until } from '../harness/until.ts';
import { biller } from './biller.ts';

let stack: Stack;
let stripe: StripeServer;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let account: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
  await stack.startApi('true');
  await pauseReconciler(stack);
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  account = await connect(stack, tenant, { access_token: 'sk_test_good' });
});
afterEach(() => stripe.fail(undefined));

/** The page behind the link that is answered now, as Stripe has it. */
async function page(id: string) {
  const { url } = (await user.post(`/${id}/payment-link`)).body;
  const session = stripe.sessions.find((one) => one.url === url);
  if (!session) throw new Error('It leads nowhere');
  return session;
}
const centsOf = ({ params }: { params: Record<string, string> }) =>
  Number(params['line_items[0][price_data][unit_amount]']);
const expires = (session: { status: string }) =>
  until(
    () => session.status,
    (status) => status === 'expired',
  );

test('another amount ends the page over the old one, and the next link charges the new one', async () => {
  const { id } = await user.invoice(undefined, { amount: '100.00' });
  const [first, same] = [await page(id), await page(id)];
  expect([centsOf(first), first.status, same]).toEqual([10_000, 'open', first]);
  // What is said again, and what is no amount, leaves it open.
  await user.patch(id, { amount: '100', due_date: '2031-04-01' });
  expect(await page(id)).toBe(first);

  await user.patch(id, { amount: '60.00' });
  await expires(first);
  const second = await page(id);
  expect([centsOf(second), second.status]).toEqual([6_000, 'open']);

  // The same amount as at first: Stripe would answer the page that has ended to the key that made it.
  await user.patch(id, { amount: '100.00' });
  await expires(second);
  const third = await page(id);
  expect([centsOf(third), third.status, third === first]).toEqual([10_000, 'open', false]);
});

test('every page of the invoice is ended, not the newest alone', async () => {
  const { id } = await user.invoice(undefined, { amount: '100.00' });
  const first = await page(id);
  // About to end, it is not answered any more, and one can pay there still.
  stripe.age();
  const second = await page(id);
  expect(second).not.toBe(first);
  await user.patch(id, { amount: '60.00' });
  await Promise.all([expires(first), expires(second)]);
});

test('a part that goes back makes more due, and ends the page over less', async () => {
  const { id } = await user.invoice(undefined, { amount: '100.00' });
  await user.pay(id, '40.00');
  const first = await page(id);
  expect(centsOf(first)).toBe(6_000);
  await user.post(`/${id}/refunds`, { amount: '15.00' });
  await expires(first);
  expect(centsOf(await page(id))).toBe(7_500);
});

test('an amount that changes while a page is being made ends that page, and the answer is one over the new amount', async () => {
  const { id } = await user.invoice(undefined, { amount: '100.00' });
  const made = stripe.sessions.length;
  const other = new pg.Client({ connectionString: stack.database.superuserUrl });
  await other.connect();
  await other.query('begin');
  await other.query('update app.invoices set amount = 60 where id = $1', [id]);
  const answer = page(id);
  await until(
    async () => stripe.sessions.length > made && (await stuck(stack)) > 0,
    (waits) => waits,
  );
  await other.query('commit');
  await other.end();
  expect(centsOf(await answer)).toBe(6_000);
  const [first] = stripe.sessions.slice(made);
  expect(first && centsOf(first)).toBe(10_000);
  await expires(first ?? { status: 'none' });
});

test('a page that Stripe could not be asked to end is ended when it can be', async () => {
  const { id } = await user.invoice(undefined, { amount: '100.00' });
  const session = await page(id);
  stripe.fail(500, /expire$/);
  expect((await user.patch(id, { amount: '60.00' })).status).toBe(200);
  // The client tries once more by itself.
  const expiry = `POST /v1/checkout/sessions/${session.id}/expire`;
  await until(
    () => stripe.asked.filter((call) => call === expiry).length,
    (tries) => tries === 2,
  );
  expect(session.status).toBe('open');
  stripe.fail(undefined);
  await reconcile(stack);
  expect(session.status).toBe('expired');
  // Once is enough.
  const asked = stripe.asked.length;
  await reconcile(stack);
  expect(stripe.asked.slice(asked)).toEqual([]);
});

test.each([
  ['more', '150.00', { status: 'partially_paid', amount_due: '50.00', overpaid: '0.00' }, false],
  ['less', '60.00', { status: 'paid', amount_due: '0.00', overpaid: '40.00' }, true],
])(
  'a payment of the old amount of what costs %s by now is booked as what it is',
  async (_what, amount, seen, alerts) => {
    const { id } = await user.invoice(undefined, { amount: '100.00' });
    await page(id);
    await user.patch(id, { amount });
    await account.tell(event('checkout.session.completed', account.session(id, 10_000)));
    expect(await user.seen(id)).toMatchObject({ ...seen, amount_paid: '100.00' });
    const open = (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
    expect(open.map(({ kind, subject }: { kind: string; subject: string }) => [kind, subject])).toEqual(
      alerts ? [['payment_unmatched', id]] : [],
    );
  },
);
