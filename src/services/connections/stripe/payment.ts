import type { EventContent } from '../../../adapters/stripe/types.ts';
import type { Ctx } from '../../../context.ts';
import { compareAmounts, subtractAmounts } from '../../../domain/money.ts';
import type { Invoice } from '../../../entities/invoice.ts';
import { AppError } from '../../../errors.ts';
import { overpaid } from '../../invoices/balance.ts';
import { pay } from '../../invoices/pay.ts';
import { matchInvoice } from './match.ts';
import type { Applied } from './receive.ts';
import { bookWaitingRefunds } from './refund.ts';

/**
 * Books a payment, once: it is reported for the invoice and for the checkout, under several ids of Stripe's. Of what has
 * been paid of an invoice so far, what is not booked yet is.
 */
export async function bookPayment(
  ctx: Ctx,
  connectionId: string,
  payment: Extract<EventContent, { kind: 'payment' }>,
): Promise<Applied> {
  const matched = await matchInvoice(ctx, payment);
  if ('applied' in matched) return matched.applied;
  const { invoice, amount } = matched;
  const { objects, at, soFar } = payment;
  const [first = ''] = objects;
  const applied = { objects, invoiceId: invoice.id };
  const booked = await bookedOf(ctx, invoice, objects);
  const part = soFar && booked !== null;
  const fresh = part ? subtractAmounts(amount, booked, invoice.currency) : amount;
  if (booked !== null && (!soFar || compareAmounts(fresh, '0', invoice.currency) <= 0)) {
    return { ...applied, outcome: 'already_booked' };
  }
  try {
    // The sum so far tells one part from the next.
    const reference = part ? `${first}/${amount}` : first;
    await pay(ctx, invoice.id, { amount: fresh, reference, source: 'stripe', paidAt: at });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const detail = `A Stripe payment could not be booked: ${error.message}`;
    return { ...applied, outcome: error.code, alert: { subject: invoice.id, detail } };
  }
  await bookWaitingRefunds(ctx, connectionId, invoice.id, objects);
  return { ...applied, outcome: 'paid', ...tooMuch(invoice) };
}

/**
 * What has been booked under these ids, or under others that an earlier report has named beside them; nothing where
 * there is none. Under the invoice's lock: whoever booked it before has committed.
 */
async function bookedOf(ctx: Ctx, { id }: Invoice, objects: string[]): Promise<string | null> {
  const named = JSON.stringify(objects);
  const [row] = await ctx.em.execute<{ booked: string | null }[]>(
    `with names as (
       select jsonb_array_elements_text(?::jsonb) as name
       union
       select unnest(e.objects) from app.connection_events e
       where e.invoice_id = ? and e.outcome in ('paid', 'already_booked')
         and e.objects && array(select jsonb_array_elements_text(?::jsonb))
     )
     select sum(p.amount) as booked from app.invoice_payments p
     where p.invoice_id = ? and p.kind = 'payment'
       and (p.reference in (select name from names) or split_part(p.reference, '/', 1) in (select name from names))`,
    [named, id, named, id],
  );
  return row?.booked ?? null;
}

function tooMuch(invoice: Invoice): Pick<Applied, 'alert'> {
  if (compareAmounts(overpaid(invoice), '0', invoice.currency) <= 0) return {};
  const why = invoice.status === 'void' ? 'is void' : 'was paid already, in part or whole, or is about less by now';
  const detail = `A Stripe payment came for an invoice that ${why}: somebody may have to pay it back.`;
  return { alert: { subject: invoice.id, detail } };
}
