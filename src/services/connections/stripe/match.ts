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

/** The invoice, locked, that an event names, within the tenant of the connection alone, or else the one `found`. */
export async function linkedInvoice(
  ctx: Ctx,
  { link, objects }: Pick<Moved, 'link' | 'objects'>,
  found?: string,
): Promise<{ invoice: Invoice } | { applied: Applied }> {
  const [reference = ''] = objects;
  const id = link.invoiceId ?? found;
  const known = id !== undefined && isUuid(id) && (await ctx.em.count(Invoice, { id })) > 0;
  const stranger = (outcome: string, detail: string) => ({
    applied: { outcome, objects, alert: { subject: reference, detail } },
  });
  if (link.tenantId !== undefined && link.tenantId !== String(ctx.tenantId)) {
    // Two tenants may share an account, and each hears of the other's money.
    if (!known) return { applied: { outcome: 'other_tenant', objects } };
    return stranger('other_tenant', 'Stripe reported one of the invoices under the name of another tenant.');
  }
  // An account also takes money that has nothing to do with us.
  if (id === undefined) return { applied: { outcome: 'unlinked', objects } };
  if (!known) return stranger('unknown_invoice', 'Stripe reported on an invoice that does not exist.');
  return { invoice: await lockInvoice(ctx, id) };
}

/** The invoice that money belongs to, if the amount is one of its currency. */
export async function matchInvoice(ctx: Ctx, moved: Moved, found?: string): Promise<Matched> {
  const { objects, currency } = moved;
  const linked = await linkedInvoice(ctx, moved, found);
  if ('applied' in linked) return linked;
  const { invoice } = linked;
  const { id } = invoice;
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
