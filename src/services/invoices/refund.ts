import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { addAmounts, compareAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import type { InvoicePayment } from '../../entities/invoice-payment.ts';
import { Reminder } from '../../entities/reminder.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { replan } from '../reminders/plan.ts';
import { amountDue, statusOf, statusOwed } from './balance.ts';
import { enterBooking, openBooking, type Booking } from './booking.ts';
import { endCheckout } from './end-checkout.ts';
import { settleFlow } from './flow.ts';
import { restoreReminders } from './reopen.ts';

export type Refund = Booking & {
  refundedAt?: Date | undefined;
  /** Whether what went back is owed again, as after a payment that bounced. Otherwise a paid invoice stays paid. */
  reopen?: boolean | undefined;
};

/** `restored`: reminders that the payment had cancelled, and that are planned again. */
export type Refunded = { invoice: Invoice; payment: InvoicePayment; restored: Reminder[]; replayed: boolean };

/** Books money that went back, at most what came in. */
export function recordRefund(scope: Scope, id: string, input: Refund): Promise<Refunded> {
  return unitOfWork(scope, (ctx) => refund(ctx, id, input));
}

const orderBy = { plannedAt: 'asc', id: 'asc' } as const;

export async function refund(ctx: Ctx, id: string, input: Refund): Promise<Refunded> {
  const { invoice, amount, known } = await openBooking(ctx, id, 'refund', input);
  if (known) return { invoice, payment: known, restored: [], replayed: true };
  const refunded = addAmounts(invoice.refunded, amount, invoice.currency);
  if (compareAmounts(refunded, invoice.paid, invoice.currency) > 0) {
    throw new AppError('refund_too_large', 'More would go back than came in.');
  }
  const now = await databaseNow(ctx.em);
  const payment = enterBooking(ctx, id, { kind: 'refund', amount, paidAt: input.refundedAt ?? now }, input);
  const owed = amountDue(invoice);
  invoice.refunded = refunded;
  const wasPaid = invoice.status === 'paid';
  invoice.status = wasPaid && input.reopen === true ? statusOwed(invoice) : statusOf(invoice);
  if (invoice.status !== 'paid') {
    invoice.paidAt = null;
    if (invoice.status !== 'uncollectible' && invoice.status !== 'void') invoice.closedAt = null;
  }
  invoice.updatedAt = now;
  audit(ctx, 'invoice.refund', { type: 'invoice', id }, ['refunded', 'status']);
  await ctx.em.flush();
  if (compareAmounts(amountDue(invoice), owed, invoice.currency) !== 0) await endCheckout(ctx, id);
  const again = wasPaid && isUnpaid(invoice.status) ? await restoreReminders(ctx, invoice) : [];
  // What waits says what is still owed.
  if (isUnpaid(invoice.status)) await replan(ctx, invoice, { ahead: true });
  await settleFlow(ctx, invoice, 'invoiceRefunded');
  const restored = await ctx.em.find(Reminder, { id: { $in: again }, status: 'scheduled' }, { orderBy });
  return { invoice, payment, restored, replayed: false };
}
