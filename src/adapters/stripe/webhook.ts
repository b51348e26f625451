import { amountOf } from './amounts.ts';
import type { EventContent, Link, StripeEvent } from './types.ts';
import { chargeShape, eventShape, idOf, invoiceShape, sessionShape, type Metadata } from './webhook-shapes.ts';

/** The types of events that are read. All others are ignored. */
export const paymentEvents = [
  'invoice.paid',
  'invoice.payment_succeeded',
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'charge.refunded',
] as const;

/** Reads a body whose signature has been checked. */
export function readWebhook(raw: Buffer): StripeEvent | undefined {
  const event = eventShape.safeParse(parse(raw)).data;
  if (!event) return undefined;
  const { id, type, account, created, data } = event;
  return { id, type, account: account ?? undefined, content: contentOf(type, data.object, new Date(created * 1000)) };
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}

function contentOf(type: string, object: unknown, at: Date): EventContent {
  switch (type) {
    case 'invoice.paid':
    case 'invoice.payment_succeeded':
      return invoiceOf(object, at);
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return sessionOf(object, at);
    case 'charge.refunded':
      return refundOf(object, at);
    default:
      return { kind: 'ignored' };
  }
}

function invoiceOf(object: unknown, at: Date): EventContent {
  const invoice = invoiceShape.safeParse(object).data;
  if (!invoice) return { kind: 'unreadable' };
  if (invoice.amount_paid === 0) return { kind: 'nothing_paid' };
  const paidAt = invoice.status_transitions?.paid_at;
  return {
    kind: 'payment',
    objects: named(invoice.payment_intent, invoice.charge, invoice.id),
    amount: amountOf(invoice.amount_paid, invoice.currency),
    currency: invoice.currency,
    at: paidAt ? new Date(paidAt * 1000) : at,
    link: linkOf(invoice.metadata),
  };
}

function sessionOf(object: unknown, at: Date): EventContent {
  const session = sessionShape.safeParse(object).data;
  if (!session) return { kind: 'unreadable' };
  if (session.payment_status === 'unpaid') return { kind: 'not_paid_yet' };
  if (session.payment_status !== 'paid' || !session.amount_total || !session.currency) return { kind: 'nothing_paid' };
  return {
    kind: 'payment',
    objects: named(session.payment_intent, session.invoice, session.id),
    amount: amountOf(session.amount_total, session.currency),
    currency: session.currency,
    at,
    link: linkOf(session.metadata, session.client_reference_id),
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

const named = (...objects: Parameters<typeof idOf>[0][]): string[] => objects.flatMap((object) => idOf(object) ?? []);

const linkOf = (metadata: Metadata, reference?: string | null): Link => ({
  tenantId: metadata?.['tenant_id'],
  invoiceId: metadata?.['invoice_id'] ?? reference ?? undefined,
});
