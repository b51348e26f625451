import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import type { Answer } from '../harness/client.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';

export type Account = Awaited<ReturnType<typeof connect>>;
type Sent = { secret?: string; timestamp?: number; header?: string };

/** A body as Stripe posts it, in the shape of its documentation. */
export const event = (type: string, object: object, more: object = {}): string =>
  JSON.stringify({
    id: `evt_${randomUUID()}`,
    object: 'event',
    api_version: '2025-09-30.clover',
    created: Math.floor(Date.now() / 1000),
    type,
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: { object },
    ...more,
  });

export const anyId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

/** A Stripe account that a tenant has connected, as Stripe sees it: what it posts to us, signed with its secret. */
export async function connect(stack: Stack, tenant: TestTenant, more: object = {}) {
  const secret = anyId('whsec');
  const made = await tenant.call('POST', '/api/v1/connections', { platform: 'stripe', secret, ...more });
  if (made.status !== 201) throw new Error(`It was not made: ${made.text}`);
  const id = made.body.id as string;

  const post = (body: string, sent: Sent = {}): Promise<Answer> => {
    const { timestamp = Math.floor(Date.now() / 1000) } = sent;
    const signed = { payload: body, secret: sent.secret ?? secret, timestamp };
    const header = sent.header ?? Stripe.webhooks.generateTestHeaderString(signed);
    return stack.call('POST', `/webhooks/stripe/${id}`, body, { 'stripe-signature': header });
  };

  return {
    id,
    secret,
    made: made.body,
    post,
    /** Posts, and fails when it is not taken. */
    async tell(body: string): Promise<void> {
      const answer = await post(body);
      if (answer.status !== 200) throw new Error(`It was not taken: ${answer.status} ${answer.text}`);
    },
    outcomes: async (): Promise<string[]> => {
      const text = 'select outcome from app.connection_events where connection_id = $1 order by id';
      return (await stack.database.sql<{ outcome: string }>(text, [id])).map(({ outcome }) => outcome);
    },
    ...objectsOf(tenant.id),
  };
}

/** What Stripe reports of a tenant's invoices, in the shapes of its API (`test/adapters/stripe/shapes.test.ts`). */
export function objectsOf(tenantId: number) {
  const named = (invoiceId: string) => ({ tenant_id: String(tenantId), invoice_id: invoiceId });
  return {
    session: (invoiceId: string, amount: number, over: object = {}) => ({
      id: anyId('cs_test'),
      object: 'checkout.session',
      mode: 'payment',
      status: 'complete',
      payment_status: 'paid',
      payment_intent: anyId('pi'),
      invoice: null,
      amount_total: amount,
      currency: 'usd',
      client_reference_id: invoiceId,
      metadata: named(invoiceId),
      ...over,
    }),
    invoice: (invoiceId: string, amount: number, over: object = {}) => ({
      id: anyId('in'),
      object: 'invoice',
      status: 'paid',
      amount_due: amount,
      amount_paid: amount,
      amount_remaining: 0,
      currency: 'usd',
      customer: 'cus_1',
      metadata: named(invoiceId),
      ...over,
    }),
    /** A payment of a part of an invoice of Stripe's, which names nothing but that. */
    part: (stripeInvoice: string, amount: number, over: object = {}) => ({
      id: anyId('inpay'),
      object: 'invoice_payment',
      amount_paid: amount,
      amount_requested: amount,
      currency: 'usd',
      invoice: stripeInvoice,
      is_default: false,
      payment: { type: 'payment_intent', payment_intent: anyId('pi') },
      status: 'paid',
      ...over,
    }),
    charge: (invoiceId: string | undefined, refunded: number, over: object = {}) => ({
      id: anyId('ch'),
      object: 'charge',
      amount: 100_000,
      amount_refunded: refunded,
      refunded: false,
      currency: 'usd',
      payment_intent: null,
      metadata: invoiceId === undefined ? {} : named(invoiceId),
      ...over,
    }),
  };
}
