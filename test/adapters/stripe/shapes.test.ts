import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { createStripe } from '../../../src/adapters/stripe/client.ts';
import {
  chargeShape,
  eventShape,
  invoicePaymentShape,
  invoiceShape,
  sessionShape,
} from '../../../src/adapters/stripe/webhook-shapes.ts';
import { event, objectsOf } from '../../connections/stripe.ts';
import { startStripe, type StripeServer } from '../../harness/stripe.ts';
import { calls } from './calls.ts';
import { objectsIn } from './objects.ts';
import { differences } from './shape.ts';
import { shapes } from './shapes.ts';
import { startTap } from './tap.ts';

let server: StripeServer;
let tap: Awaited<ReturnType<typeof startTap>>;

beforeAll(async () => {
  server = await startStripe();
  tap = await startTap(server.url);
});
afterAll(async () => {
  await tap.close();
  await server.close();
});

type Theirs = {
  event: Stripe.Event;
  invoice: Stripe.Invoice;
  invoice_payment: Stripe.InvoicePayment;
  'checkout.session': Stripe.Checkout.Session;
  charge: Stripe.Charge;
};
const read = {
  event: eventShape.shape,
  invoice: invoiceShape.shape,
  invoice_payment: invoicePaymentShape.shape,
  'checkout.session': sessionShape.shape,
  charge: chargeShape.shape,
} satisfies Record<keyof Theirs, object>;

type Older = { [K in keyof Theirs]: `${K}.${Exclude<keyof (typeof read)[K] & string, keyof Theirs[K]>}` }[keyof Theirs];
/** For webhooks of older versions. By the package's types, which are of the newest, all else is there. */
const older = {
  'invoice.payment_intent': true,
  'invoice.charge': true,
  'charge.invoice': true,
} satisfies Record<Older, true>;

test('nothing is read but what Stripe has, or had in an older version', () => {
  const unknown = Object.entries(read).flatMap(([name, shape]) => {
    const known = Object.keys(shapes()[name] ?? {});
    return Object.keys(shape).flatMap((field) => (known.includes(field) ? [] : [`${name}.${field}`]));
  });
  expect(unknown).toEqual(Object.keys(older));
});

test('the Stripe of these tests, and what it reports, is shaped as Stripe’s own', async () => {
  const { session, invoice, part, charge } = objectsOf(1);
  const payments = { object: 'list', data: [part('in_1', 9999)], has_more: false, url: '/v1/invoice_payments' };
  server.holds(invoice('invoice', 9999, { id: 'in_1', payments }));
  server.holds(session('invoice', 9999, { id: 'cs_test_1' }));
  server.holds(charge('invoice', 9999, { id: 'ch_1' }));
  server.log(event('invoice.paid', invoice('invoice', 9999)));
  const stripe = createStripe(tap.url);
  for (const call of Object.values(calls).flatMap((made) => Object.values(made))) {
    expect(await call(stripe)).toMatchObject({ ok: true });
  }
  stripe.close();

  const known = shapes();
  const objects = objectsIn(tap.exchanges);
  expect([...objects.keys()].toSorted()).toEqual(Object.keys(known).toSorted());
  for (const { answer } of tap.exchanges) {
    for (const [name, object] of objectsIn([{ call: '', status: 200, answer }])) {
      expect([name, differences(object, known[name] ?? null)]).toEqual([name, []]);
    }
  }
});
