import type { EventContent } from '../../../adapters/stripe/types.ts';
import type { Ctx } from '../../../context.ts';
import { AppError } from '../../../errors.ts';
import { close } from '../../invoices/close.ts';
import { linkedInvoice } from './match.ts';
import type { Applied } from './receive.ts';

/** Closes our invoice as Stripe's was that names it. What cannot be closed any more a person hears of. */
export async function applyClosing(ctx: Ctx, closed: Extract<EventContent, { kind: 'closed' }>): Promise<Applied> {
  const { status, objects } = closed;
  const linked = await linkedInvoice(ctx, closed);
  if ('applied' in linked) return linked.applied;
  const { invoice } = linked;
  const applied = { objects, invoiceId: invoice.id };
  if (invoice.status === status) return { ...applied, outcome: 'already_closed' };
  // The money came after all.
  if (status === 'uncollectible' && invoice.status === 'paid') return { ...applied, outcome: 'superseded' };
  try {
    await close(ctx, invoice.id, status);
    return { ...applied, outcome: 'closed' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const detail = `An invoice became ${status} in Stripe: ${error.message}`;
    return { ...applied, outcome: error.code, alert: { subject: invoice.id, detail } };
  }
}
