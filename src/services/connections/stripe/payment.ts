import type { EventContent } from '../../../adapters/stripe/types.ts';
import type { Ctx } from '../../../context.ts';
import { compareAmounts } from '../../../domain/money.ts';
import type { Invoice } from '../../../entities/invoice.ts';
import { AppError } from '../../../errors.ts';
import { overpaid } from '../../invoices/balance.ts';
import { pay } from '../../invoices/pay.ts';
import { matchInvoice } from './match.ts';
import type { Applied } from './receive.ts';
import { bookWaitingRefunds } from './refund.ts';

/** Books a payment, once: it is reported for the invoice and for the checkout, under several ids of Stripe's. */
export async function bookPayment(
  ctx: Ctx,
  connectionId: string,
  payment: Extract<EventContent, { kind: 'payment' }>,
): Promise<Applied> {
  const matched = await matchInvoice(ctx, payment);
  if ('applied' in matched) return matched.applied;
  const { invoice, amount } = matched;
  const { objects, at } = payment;
  const [reference] = objects;
  const applied = { objects, invoiceId: invoice.id };
  if (await isBooked(ctx, invoice, objects)) return { ...applied, outcome: 'already_booked' };
  try {
    await pay(ctx, invoice.id, { amount, reference, source: 'stripe', paidAt: at });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const detail = `A Stripe payment could not be booked: ${error.message}`;
    return { ...applied, outcome: error.code, alert: { subject: invoice.id, detail } };
  }
  await bookWaitingRefunds(ctx, connectionId, invoice.id, objects);
  return { ...applied, outcome: 'paid', ...tooMuch(invoice) };
}

/** Under the invoice's lock: whoever booked it before has committed. */
async function isBooked(ctx: Ctx, { id }: Invoice, objects: string[]): Promise<boolean> {
  const named = JSON.stringify(objects);
  const [row] = await ctx.em.execute<{ booked: boolean }[]>(
    `select exists (
         select from app.invoice_payments where invoice_id = ? and kind = 'payment'
           and reference in (select jsonb_array_elements_text(?::jsonb))
       ) or exists (
         select from app.connection_events where invoice_id = ? and outcome in ('paid', 'already_booked')
           and objects && array(select jsonb_array_elements_text(?::jsonb))
       ) as booked`,
    [id, named, id, named],
  );
  return row?.booked ?? false;
}

function tooMuch(invoice: Invoice): Pick<Applied, 'alert'> {
  if (compareAmounts(overpaid(invoice), '0', invoice.currency) <= 0) return {};
  const why = invoice.status === 'void' ? 'is void' : 'was paid already, in part or whole';
  const detail = `A Stripe payment came for an invoice that ${why}: somebody may have to pay it back.`;
  return { alert: { subject: invoice.id, detail } };
}
