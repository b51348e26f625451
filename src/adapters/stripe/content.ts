import { amountOf } from './amounts.ts';
import type { EventContent, Link, Subject } from './types.ts';
import { chargeShape, idOf, invoicePaymentShape, invoiceShape, sessionShape, type Metadata } from './webhook-shapes.ts';

type Reader = { subject: Subject['object']; read: (object: unknown, at: Date) => EventContent };

const paid: Reader = { subject: 'invoice', read: invoiceOf };
const session: Reader = { subject: 'session', read: sessionOf };

/** The types of events that are read, and what their objects say. All others are ignored. */
const readers: Readonly<Record<string, Reader>> = {
  'invoice.paid': paid,
  'invoice.payment_succeeded': paid,
  'invoice_payment.paid': { subject: 'invoice', read: partOf },
  'invoice.voided': { subject: 'invoice', read: (object) => closingOf(object, 'void') },
  'invoice.marked_uncollectible': { subject: 'invoice', read: (object) => closingOf(object, 'uncollectible') },
  'checkout.session.completed': session,
  'checkout.session.async_payment_succeeded': session,
  'charge.refunded': { subject: 'charge', read: refundOf },
};

export const paymentEvents = Object.keys(readers);

/** What an object says in an event of that type; `at` is when it happened. */
export const contentOf = (type: string, object: unknown, at: Date): EventContent =>
  readerOf(type)?.read(object, at) ?? { kind: 'ignored' };

/** What to ask for, to know more than the event says. */
export function subjectOf(type: string, object: unknown): Subject | undefined {
  const reader = readerOf(type);
  if (!reader) return undefined;
  const payment = type === 'invoice_payment.paid' ? invoicePaymentShape.safeParse(object).data : undefined;
  const id = payment ? idOf(payment.invoice) : (object as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' && /^[\w-]{1,255}$/.test(id) ? { object: reader.subject, id } : undefined;
}

const readerOf = (type: string): Reader | undefined => (Object.hasOwn(readers, type) ? readers[type] : undefined);

function invoiceOf(object: unknown, at: Date): EventContent {
  const invoice = invoiceShape.safeParse(object).data;
  if (!invoice) return { kind: 'unreadable' };
  if (invoice.amount_paid === 0) return { kind: 'nothing_paid' };
  const paidAt = invoice.status_transitions?.paid_at;
  const intents = (invoice.payments?.data ?? []).map(({ payment }) => payment?.payment_intent);
  const [first = invoice.payment_intent, ...more] = intents;
  return {
    kind: 'payment',
    soFar: true,
    // Of several payments none names the invoice best.
    objects: more.length > 0 ? named(invoice.id, ...intents) : named(first, invoice.charge, invoice.id),
    amount: amountOf(invoice.amount_paid, invoice.currency),
    currency: invoice.currency,
    at: paidAt ? new Date(paidAt * 1000) : at,
    link: linkOf(invoice.metadata),
  };
}

/** As an event it is the payment of a part, and when it has been asked for the invoice. */
function partOf(object: unknown, at: Date): EventContent {
  if ((object as { object?: unknown } | null)?.object === 'invoice') return invoiceOf(object, at);
  const part = invoicePaymentShape.safeParse(object).data;
  if (!part) return { kind: 'unreadable' };
  return { kind: 'part_payment', objects: named(part.payment?.payment_intent, part.invoice, part.id) };
}

/** What Stripe writes when it stands so now: an invoice that was given up may have been paid since. */
const statuses = { void: 'void', uncollectible: 'uncollectible' } as const;

function closingOf(object: unknown, status: keyof typeof statuses): EventContent {
  const invoice = invoiceShape.safeParse(object).data;
  if (!invoice) return { kind: 'unreadable' };
  const revised = idOf(invoice.latest_revision);
  if (invoice.status !== statuses[status] || (revised !== undefined && revised !== invoice.id)) {
    return { kind: 'superseded' };
  }
  return { kind: 'closed', status, objects: [invoice.id], link: linkOf(invoice.metadata) };
}

function sessionOf(object: unknown, at: Date): EventContent {
  const checkout = sessionShape.safeParse(object).data;
  if (!checkout) return { kind: 'unreadable' };
  if (checkout.payment_status === 'unpaid') return { kind: 'not_paid_yet' };
  if (checkout.payment_status !== 'paid' || !checkout.amount_total || !checkout.currency)
    return { kind: 'nothing_paid' };
  return {
    kind: 'payment',
    soFar: false,
    objects: named(checkout.payment_intent, checkout.invoice, checkout.id),
    amount: amountOf(checkout.amount_total, checkout.currency),
    currency: checkout.currency,
    at,
    link: linkOf(checkout.metadata, checkout.client_reference_id),
  };
}

function refundOf(object: unknown, at: Date): EventContent {
  const charge = chargeShape.safeParse(object).data;
  if (!charge) return { kind: 'unreadable' };
  if (charge.amount_refunded === 0) return { kind: 'nothing_paid' };
  return {
    kind: 'refund',
    objects: named(charge.id, charge.payment_intent, charge.invoice),
    amount: amountOf(charge.amount_refunded, charge.currency),
    currency: charge.currency,
    at,
    link: linkOf(charge.metadata),
  };
}

const named = (...objects: Parameters<typeof idOf>[0][]): string[] => [
  ...new Set(objects.flatMap((object) => idOf(object) ?? [])),
];

const linkOf = (metadata: Metadata, reference?: string | null): Link => ({
  tenantId: metadata?.['tenant_id'],
  invoiceId: metadata?.['invoice_id'] ?? reference ?? undefined,
});
