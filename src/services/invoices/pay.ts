import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import type { Invoice } from '../../entities/invoice.ts';
import type { InvoicePayment } from '../../entities/invoice-payment.ts';
import { AppError } from '../../errors.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { replan } from '../reminders/plan.ts';
import { sumOf } from './amount.ts';
import { statusOf, statusOwed } from './balance.ts';
import { enterBooking, openBooking, type Booking } from './booking.ts';
import { endCheckout } from './end-checkout.ts';
import { settleFlow } from './flow.ts';
import { notify } from './notices.ts';
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
  // First what may be refused: a webhook goes on after a refusal, and saves what has been entered.
  const paid = sumOf(invoice.paid, amount, invoice.currency);
  const payment = enterBooking(ctx, id, { kind: 'payment', amount, paidAt: input.paidAt ?? now }, input);
  invoice.paid = paid;
  // A part that arrives late takes back that it was given up.
  invoice.status = invoice.status === 'uncollectible' ? statusOwed(invoice) : statusOf(invoice);
  invoice.updatedAt = now;
  if (invoice.status === 'paid') {
    invoice.paidAt ??= payment.paidAt;
    invoice.closedAt ??= now;
  } else if (isUnpaid(invoice.status)) {
    invoice.closedAt = null;
  }
  // Who pays a part keeps the promise for the rest.
  if (!isUnpaid(invoice.status)) invoice.promisedFor = null;
  audit(ctx, 'invoice.payment', { type: 'invoice', id }, ['paid', 'status']);
  await ctx.em.flush();
  const stopped = isUnpaid(invoice.status) ? [] : await stopReminders(ctx, id, 'paid');
  // What waits says what is still owed.
  if (isUnpaid(invoice.status)) await replan(ctx, invoice, { ahead: true });
  else await resolveAlerts(ctx, { kind: 'paid_reply', subject: id });
  await endCheckout(ctx, id);
  if (invoice.status === 'paid') await notify(ctx, invoice, 'paid');
  await settleFlow(ctx, invoice, 'invoicePaid');
  return { invoice, payment, stopped, replayed: false };
}
