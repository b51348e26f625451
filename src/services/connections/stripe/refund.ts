import type { EventContent } from '../../../adapters/stripe/types.ts';
import type { Ctx } from '../../../context.ts';
import { compareAmounts, parseAmount, subtractAmounts } from '../../../domain/money.ts';
import type { Invoice } from '../../../entities/invoice.ts';
import { AppError } from '../../../errors.ts';
import { raiseAlert } from '../../alerts/raise.ts';
import { lockInvoice } from '../../invoices/get.ts';
import { refund } from '../../invoices/refund.ts';
import { matchInvoice } from './match.ts';
import type { Applied } from './receive.ts';

type Refunded = { charge: string; amount: string; at: Date };

/** Books what has gone back of a charge. Stripe says all of it each time, so only what is new counts, in any order. */
export async function bookRefund(
  ctx: Ctx,
  connectionId: string,
  event: Extract<EventContent, { kind: 'refund' }>,
): Promise<Applied> {
  const { objects, at } = event;
  const [charge = ''] = objects;
  const paid = await paidInvoice(ctx, connectionId, objects);
  const matched = await matchInvoice(ctx, event, paid);
  // It may come before its payment, which is looked for again when that is booked.
  const waiting = { outcome: 'awaiting_payment', objects, amount: event.amount };
  if ('applied' in matched) return matched.applied.outcome === 'unlinked' ? waiting : matched.applied;
  const { invoice, amount } = matched;
  // Whether the payment came may have changed until its invoice was locked.
  const booked = paid ?? (await paidInvoice(ctx, connectionId, objects));
  if (booked !== invoice.id) return { ...waiting, invoiceId: invoice.id };
  return { objects, invoiceId: invoice.id, ...(await bookDifference(ctx, invoice, { charge, amount, at })) };
}

/** Books the refunds that came before the payment that has just been booked, and of which it is the payment. */
export async function bookWaitingRefunds(
  ctx: Ctx,
  connectionId: string,
  invoiceId: string,
  objects: string[],
): Promise<void> {
  const rows = await ctx.em.execute<{ id: string; charge: string; amount: string; received_at: string }[]>(
    `select id, amount, received_at, objects[1] as charge from app.connection_events
     where connection_id = ? and outcome = 'awaiting_payment'
       and objects && array(select jsonb_array_elements_text(?::jsonb))
     order by amount for update`,
    [connectionId, JSON.stringify(objects)],
  );
  for (const { id, charge, amount, received_at } of rows) {
    const invoice = await lockInvoice(ctx, invoiceId);
    const { outcome, alert } = await bookDifference(ctx, invoice, { charge, amount, at: new Date(received_at) });
    if (alert) await raiseAlert(ctx, { kind: 'payment_unmatched', ...alert });
    await ctx.em.execute('update app.connection_events set outcome = ?, invoice_id = ? where id = ?', [
      outcome,
      invoiceId,
      id,
    ]);
  }
}

async function bookDifference(
  ctx: Ctx,
  invoice: Invoice,
  { charge, amount, at }: Refunded,
): Promise<Pick<Applied, 'outcome' | 'alert'>> {
  const { id, currency } = invoice;
  const parsed = parseAmount(amount, currency);
  if ('fault' in parsed) return { outcome: 'unreadable' };
  const [row] = await ctx.em.execute<{ known: string }[]>(
    `select coalesce(sum(amount), 0) as known from app.invoice_payments
     where invoice_id = ? and kind = 'refund' and starts_with(reference, ?)`,
    [id, `${charge}/`],
  );
  const difference = subtractAmounts(parsed.amount, row?.known ?? '0', currency);
  if (compareAmounts(difference, '0', currency) <= 0) return { outcome: 'already_booked' };
  try {
    const reference = `${charge}/${parsed.amount}`;
    await refund(ctx, id, { amount: difference, reference, source: 'stripe', refundedAt: at });
    return { outcome: 'refunded' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const detail = `A Stripe refund could not be booked: ${error.message}`;
    return { outcome: error.code, alert: { subject: id, detail } };
  }
}

/** The invoice for which a payment under one of these ids has been booked: by us, or by hand under the same reference. */
async function paidInvoice(ctx: Ctx, connectionId: string, objects: string[]): Promise<string | undefined> {
  const named = JSON.stringify(objects);
  const [row] = await ctx.em.execute<{ invoice_id: string }[]>(
    `select invoice_id from app.invoice_payments
       where kind = 'payment' and source = 'stripe' and reference in (select jsonb_array_elements_text(?::jsonb))
     union all
     select invoice_id from app.connection_events
       where connection_id = ? and outcome in ('paid', 'already_booked') and invoice_id is not null
         and objects && array(select jsonb_array_elements_text(?::jsonb))
     limit 1`,
    [named, connectionId, named],
  );
  return row?.invoice_id;
}
