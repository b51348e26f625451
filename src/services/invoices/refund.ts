import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { addAmounts, compareAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { InvoicePayment } from '../../entities/invoice-payment.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { replan } from '../reminders/plan.ts';
import { readAmount } from './amount.ts';
import { statusOf } from './balance.ts';
import { settleFlow } from './flow.ts';
import { lockInvoice } from './get.ts';
import { knownPayment, refuseOther, type Payment } from './pay.ts';

export type Refund = Omit<Payment, 'paidAt'> & {
  refundedAt?: Date | undefined;
  /** Whether what went back is owed again, as after a payment that bounced. Otherwise a paid invoice stays paid. */
  reopen?: boolean | undefined;
};

export type Refunded = { invoice: Invoice; payment: InvoicePayment; replayed: boolean };

/** Books money that went back, at most what came in. */
export function recordRefund(scope: Scope, id: string, input: Refund): Promise<Refunded> {
  return unitOfWork(scope, (ctx) => refund(ctx, id, input));
}

export async function refund(ctx: Ctx, id: string, input: Refund): Promise<Refunded> {
  const invoice = await lockInvoice(ctx, id);
  const amount = readAmount(input.amount, invoice.currency, input.currency);
  const known = await knownPayment(ctx, invoice, 'refund', input.reference);
  if (known) {
    refuseOther(known, amount, invoice.currency);
    return { invoice, payment: known, replayed: true };
  }
  const refunded = addAmounts(invoice.refunded, amount, invoice.currency);
  if (compareAmounts(refunded, invoice.paid, invoice.currency) > 0) {
    throw new AppError('refund_too_large', 'More would go back than came in.');
  }
  const now = await databaseNow(ctx.em);
  const payment = ctx.em.create(InvoicePayment, {
    id: randomUUIDv7(),
    invoiceId: id,
    kind: 'refund',
    amount,
    reference: input.reference ?? null,
    source: input.source ?? 'api',
    paidAt: input.refundedAt ?? now,
  });
  invoice.refunded = refunded;
  if (invoice.status !== 'paid' || input.reopen === true) invoice.status = statusOf(invoice);
  if (invoice.status !== 'paid') {
    invoice.paidAt = null;
    if (invoice.status !== 'uncollectible' && invoice.status !== 'void') invoice.closedAt = null;
  }
  invoice.updatedAt = now;
  audit(ctx, 'invoice.refund', { type: 'invoice', id }, ['refunded', 'status']);
  await ctx.em.flush();
  // What waits says what is still owed.
  if (isUnpaid(invoice.status)) await replan(ctx, invoice, { ahead: true });
  await settleFlow(ctx, invoice, 'invoiceRefunded');
  return { invoice, payment, replayed: false };
}
