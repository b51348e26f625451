import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import type { Invoice } from '../../entities/invoice.ts';
import type { InvoicePayment } from '../../entities/invoice-payment.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { replan } from '../reminders/plan.ts';
import { sumOf } from './amount.ts';
import { statusOf } from './balance.ts';
import { enterBooking, openBooking, type Booking } from './booking.ts';
import { settleFlow } from './flow.ts';
import { clearPromise } from './promise.ts';
import { stopReminders, type Stopped } from './stop.ts';

export type Payment = Booking & { paidAt?: Date | undefined };

/** `replayed`: the reference was known, and nothing has changed. `stopped`: the reminders that will not leave any more. */
export type Paid = { invoice: Invoice; payment: InvoicePayment; stopped: Stopped[]; replayed: boolean };

/** Books a payment. What pays the invoice stops its reminders in the same transaction. */
export function recordPayment(scope: Scope, id: string, input: Payment): Promise<Paid> {
  return unitOfWork(scope, (ctx) => pay(ctx, id, input));
}

export async function pay(ctx: Ctx, id: string, input: Payment): Promise<Paid> {
  const { invoice, amount, known } = await openBooking(ctx, id, 'payment', input);
  if (known) return { invoice, payment: known, stopped: [], replayed: true };
  if (invoice.status === 'draft') throw new AppError('invoice_not_open', 'The invoice is a draft: open it first.');
  const now = await databaseNow(ctx.em);
  const payment = enterBooking(ctx, id, { kind: 'payment', amount, paidAt: input.paidAt ?? now }, input);
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
