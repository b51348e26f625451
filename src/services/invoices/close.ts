import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { mayMove } from '../../domain/invoice.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { endCheckout } from './end-checkout.ts';
import { settleFlow } from './flow.ts';
import { lockInvoice } from './get.ts';
import { dropNotice } from './notices.ts';
import { stopReminders, type Stopped } from './stop.ts';

type Closing = 'void' | 'uncollectible';
type Closed = { invoice: Invoice; stopped: Stopped[] };

/** Ends an invoice that nobody will pay, and its reminders with it. Again, it changes nothing. */
export function closeInvoice(scope: Scope, id: string, status: Closing): Promise<Closed> {
  return unitOfWork(scope, (ctx) => close(ctx, id, status));
}

export async function close(ctx: Ctx, id: string, status: Closing): Promise<Closed> {
  const invoice = await lockInvoice(ctx, id);
  if (invoice.status === status) return { invoice, stopped: [] };
  if (!mayMove(invoice.status, status)) {
    const code = invoice.status === 'draft' ? 'invoice_not_open' : 'invoice_closed';
    throw new AppError(code, `The invoice is ${invoice.status}, and cannot become ${status}.`);
  }
  const now = await databaseNow(ctx.em);
  invoice.status = status;
  invoice.updatedAt = now;
  invoice.closedAt = now;
  invoice.promisedFor = null;
  audit(ctx, `invoice.${status}`, { type: 'invoice', id }, ['status']);
  await ctx.em.flush();
  const stopped = await stopReminders(ctx, id, status);
  await dropNotice(ctx, invoice, status);
  // What was given up can still be paid.
  if (status === 'void') await endCheckout(ctx, id);
  await settleFlow(ctx, invoice, 'invoiceClosed');
  return { invoice, stopped };
}
