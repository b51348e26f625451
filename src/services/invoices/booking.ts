import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { compareAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { InvoicePayment } from '../../entities/invoice-payment.ts';
import { AppError } from '../../errors.ts';
import { readAmount } from './amount.ts';
import { lockInvoice } from './get.ts';

export type Booking = {
  amount: string;
  /** Of the invoice, unless said otherwise; another one is refused. */
  currency?: string | undefined;
  /** The payer's or the payment provider's name for it: one that is known already counts once. */
  reference?: string | undefined;
  source?: InvoicePayment['source'];
};

type Kind = InvoicePayment['kind'];

/** Locks the invoice, and answers the amount as rows keep it, and the entry if its reference is known already. */
export async function openBooking(
  ctx: Ctx,
  id: string,
  kind: Kind,
  { amount: text, currency, reference }: Booking,
): Promise<{ invoice: Invoice; amount: string; known: InvoicePayment | null }> {
  const invoice = await lockInvoice(ctx, id);
  const amount = readAmount(text, invoice.currency, currency);
  const known =
    reference === undefined ? null : await ctx.em.findOne(InvoicePayment, { invoiceId: id, kind, reference });
  if (known && compareAmounts(known.amount, amount, invoice.currency) !== 0) {
    throw new AppError('payment_reference_used', 'The invoice has a payment with this reference and another amount.');
  }
  return { invoice, amount, known };
}

export const enterBooking = (
  { em }: Ctx,
  invoiceId: string,
  { kind, amount, paidAt }: { kind: Kind; amount: string; paidAt: Date },
  { reference, source }: Booking,
): InvoicePayment =>
  em.create(InvoicePayment, {
    id: randomUUIDv7(),
    invoiceId,
    kind,
    amount,
    reference: reference ?? null,
    source: source ?? 'api',
    paidAt,
  });
