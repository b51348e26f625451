import type { EventContent } from '../../../adapters/stripe/types.ts';
import type { Ctx } from '../../../context.ts';
import { isCurrency } from '../../../domain/currencies.ts';
import { parseAmount } from '../../../domain/money.ts';
import { Invoice } from '../../../entities/invoice.ts';
import { lockInvoice } from '../../invoices/get.ts';
import type { Applied } from './receive.ts';

export type Moved = Extract<EventContent, { kind: 'payment' | 'refund' }>;

/** The invoice, locked, and the amount as its rows keep it; or why the money is not booked. */
export type Matched = { invoice: Invoice; amount: string } | { applied: Applied };

/**
 * Finds the invoice that money belongs to: the one that the event names, within the tenant of the connection alone, or
 * else the one that `found` says. An account also takes money that has nothing to do with us: that names no invoice.
 */
export async function matchInvoice(ctx: Ctx, moved: Moved, found?: string): Promise<Matched> {
  const { link, objects, currency } = moved;
  const [reference = ''] = objects;
  const stranger = (outcome: string, detail: string): Matched => ({
    applied: { outcome, objects, alert: { subject: reference, detail } },
  });
  if (link.tenantId !== undefined && link.tenantId !== String(ctx.tenantId)) {
    return stranger('other_tenant', 'A Stripe payment names another tenant.');
  }
  const id = link.invoiceId ?? found;
  if (id === undefined) return { applied: { outcome: 'unlinked', objects } };
  if (!isUuid(id) || (await ctx.em.count(Invoice, { id })) === 0) {
    return stranger('unknown_invoice', 'A Stripe payment names an invoice that does not exist.');
  }
  const invoice = await lockInvoice(ctx, id);
  const refuse = (outcome: string, detail: string): Matched => ({
    applied: { outcome, objects, invoiceId: id, alert: { subject: id, detail } },
  });
  if (currency !== invoice.currency) {
    return refuse('other_currency', `A Stripe payment in ${currency} is for an invoice in ${invoice.currency}.`);
  }
  const parsed = isCurrency(currency) ? parseAmount(moved.amount, currency) : { fault: 'currency' };
  if (!('amount' in parsed)) return refuse('unreadable', 'The amount of a Stripe payment is none of its currency.');
  return { invoice, amount: parsed.amount };
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
