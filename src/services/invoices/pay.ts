import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { compareAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { InvoicePayment } from '../../entities/invoice-payment.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { replan } from '../reminders/plan.ts';
import { readAmount, sumOf } from './amount.ts';
import { statusOf } from './balance.ts';
import { lockInvoice } from './get.ts';
import { settleFlow } from './flow.ts';
import { clearPromise } from './promise.ts';
import { stopReminders, type Stopped } from './stop.ts';

export type Payment = {
  amount: string;
  /** Of the invoice, unless said otherwise; another one is refused. */
  currency?: string | undefined;
  paidAt?: Date | undefined;
  /** The payer's or the payment provider's name for it: one that is known already counts once. */
  reference?: string | undefined;
  source?: InvoicePayment['source'];
};

/** `replayed`: the reference was known, and nothing has changed. `stopped`: the reminders that will not leave any more. */
export type Paid = { invoice: Invoice; payment: InvoicePayment; stopped: Stopped[]; replayed: boolean };

/** Books a payment. What pays the invoice stops its reminders in the same transaction. */
export function recordPayment(scope: Scope, id: string, input: Payment): Promise<Paid> {
  return unitOfWork(scope, (ctx) => pay(ctx, id, input));
}

export async function pay(ctx: Ctx, id: string, input: Payment): Promise<Paid> {
  const invoice = await lockInvoice(ctx, id);
  const amount = readAmount(input.amount, invoice.currency, input.currency);
  const known = await knownPayment(ctx, invoice, 'payment', input.reference);
  if (known) {
    refuseOther(known, amount, invoice.currency);
    return { invoice, payment: known, stopped: [], replayed: true };
  }
  if (invoice.status === 'draft') throw new AppError('invoice_not_open', 'The invoice is a draft: open it first.');
  const now = await databaseNow(ctx.em);
  const payment = ctx.em.create(InvoicePayment, {
    id: randomUUIDv7(),
    invoiceId: id,
    kind: 'payment',
    amount,
    reference: input.reference ?? null,
    source: input.source ?? 'api',
    paidAt: input.paidAt ?? now,
  });
  invoice.paid = sumOf(invoice.paid, amount, invoice.currency);
  invoice.status = statusOf(invoice);
  invoice.updatedAt = now;
  if (invoice.status === 'paid') {
    invoice.paidAt ??= payment.paidAt;
    invoice.closedAt ??= now;
  } else if (isUnpaid(invoice.status)) {
    invoice.closedAt = null;
  }
  audit(ctx, 'invoice.payment', { type: 'invoice', id }, ['paid', 'status']);
  await ctx.em.flush();
  const stopped = isUnpaid(invoice.status) ? [] : await stopReminders(ctx, id, 'paid');
  await clearPromise(ctx, invoice);
  // What waits says what is still owed.
  if (isUnpaid(invoice.status)) await replan(ctx, invoice, { ahead: true });
  await settleFlow(ctx, invoice, 'invoicePaid');
  return { invoice, payment, stopped, replayed: false };
}

export async function knownPayment(
  { em }: Ctx,
  { id }: Invoice,
  kind: InvoicePayment['kind'],
  reference: string | undefined,
): Promise<InvoicePayment | null> {
  return reference === undefined ? null : em.findOne(InvoicePayment, { invoiceId: id, kind, reference });
}

export function refuseOther(known: InvoicePayment, amount: string, currency: string): void {
  if (compareAmounts(known.amount, amount, currency) === 0) return;
  throw new AppError('payment_reference_used', 'The invoice has a payment with this reference and another amount.');
}
