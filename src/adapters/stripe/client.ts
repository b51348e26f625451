import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';
import { minorOf } from './amounts.ts';
import { failureOf } from './errors.ts';
import { contentOf, paymentEvents } from './content.ts';
import { readWebhook } from './webhook.ts';
import type { CheckoutInput, StripeApi, StripeFailure, StripeResult, Subject } from './types.ts';

/** Two tries of a call fit into the time that a request may take. */
const TIMEOUT_MS = 5_000;
/** The same for what is asked while Stripe waits for our own answer. */
const PRESENT_TIMEOUT_MS = 3_000;
/** As many as are held in memory at once. */
const MAX_EVENTS = 2_000;

/** `baseUrl` without a path, such as `https://api.stripe.com`. */
export function createStripe(baseUrl: string): StripeApi {
  const { protocol, hostname, port } = new URL(baseUrl);
  const secure = protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const httpClient = Stripe.createNodeHttpClient(agent);
  const open = (accessToken: string) =>
    new Stripe(accessToken, {
      protocol: secure ? 'https' : 'http',
      host: hostname,
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      httpClient,
      timeout: TIMEOUT_MS,
      maxNetworkRetries: 1,
      telemetry: false,
    });

  return {
    account: (accessToken) =>
      asked(async () => {
        try {
          return (await open(accessToken).accounts.retrieveCurrent()).id;
        } catch (error) {
          // A restricted key need not be allowed to see the account.
          if (error instanceof Stripe.errors.StripePermissionError) return undefined;
          throw error;
        }
      }),
    events: (accessToken, since, before = null) =>
      asked(async () => {
        const query = {
          types: [...paymentEvents],
          created: { gte: Math.floor(since.getTime() / 1000) },
          limit: 100,
          ...(before !== null && { starting_after: before }),
        };
        const listed = await open(accessToken).events.list(query).autoPagingToArray({ limit: MAX_EVENTS });
        const events = listed.toReversed().flatMap((one) => {
          const raw = Buffer.from(JSON.stringify(one));
          const event = readWebhook(raw);
          return event ? [{ event, raw }] : [];
        });
        return { events, before: listed.length < MAX_EVENTS ? null : (listed.at(-1)?.id ?? null) };
      }),
    present: (accessToken, { type, at, subject }) =>
      asked(async () => contentOf(type, await retrieved(open(accessToken), subject), at)),
    async checkout(accessToken, input) {
      const unitAmount = minorOf(input.amount, input.currency);
      if (unitAmount === undefined) return notChargeable;
      return asked(async () => {
        const stripe = open(accessToken);
        const { url, expires_at } = await stripe.checkout.sessions.create(sessionOf(input, unitAmount), {
          idempotencyKey: input.idempotencyKey,
        });
        if (!url) throw new Error('A checkout session without an address');
        return { url, expiresAt: new Date(expires_at * 1000) };
      });
    },
    async expireCheckout(accessToken, url) {
      const [id] = sessionId.exec(url) ?? [];
      if (id === undefined) return { ok: false, reason: 'refused', detail: 'no_session_in_url' };
      return asked(async () => {
        await open(accessToken).checkout.sessions.expire(id);
      });
    },
    close: () => agent.destroy(),
  };
}

function retrieved(stripe: Stripe, { object, id }: Subject): Promise<unknown> {
  const options = { timeout: PRESENT_TIMEOUT_MS };
  switch (object) {
    case 'invoice':
      return stripe.invoices.retrieve(id, { expand: ['payments'] }, options);
    case 'session':
      return stripe.checkout.sessions.retrieve(id, {}, options);
    case 'charge':
      return stripe.charges.retrieve(id, {}, options);
  }
}

/** The address of a page has its session's name in it, on a domain of one's own as well. */
const sessionId = /\bcs_(?:test|live)_[A-Za-z0-9]+/;

const notChargeable: StripeFailure = { ok: false, reason: 'refused', detail: 'amount_not_chargeable' };

function sessionOf(input: CheckoutInput, unitAmount: number): Stripe.Checkout.SessionCreateParams {
  const metadata = { tenant_id: String(input.tenantId), invoice_id: input.invoiceId };
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: input.currency.toLowerCase(),
          unit_amount: unitAmount,
          product_data: { name: input.title },
        },
      },
    ],
    client_reference_id: input.invoiceId,
    metadata,
    // Its charges carry it on, so that a refund finds the invoice.
    payment_intent_data: { metadata },
    success_url: input.returnUrl,
  };
}

async function asked<T>(ask: () => Promise<T>): Promise<StripeResult<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    return failureOf(error);
  }
}
