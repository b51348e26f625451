import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { mayMove } from '../../domain/invoice.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { settleFlow } from './flow.ts';
import { lockInvoice } from './get.ts';
import { stopReminders, type Stopped } from './stop.ts';

/** Ends an invoice that nobody will pay, and its reminders with it. Again, it changes nothing. */
export function closeInvoice(
  scope: Scope,
  id: string,
  status: 'void' | 'uncollectible',
): Promise<{ invoice: Invoice; stopped: Stopped[] }> {
  return unitOfWork(scope, async (ctx) => {
    const invoice = await lockInvoice(ctx, id);
    if (invoice.status === status) return { invoice, stopped: [] };
    if (!mayMove(invoice.status, status)) {
      throw new AppError('invoice_closed', `The invoice is ${invoice.status}, and cannot become ${status}.`);
    }
    const now = await databaseNow(ctx.em);
    invoice.status = status;
    invoice.updatedAt = now;
    invoice.closedAt = now;
    invoice.promisedFor = null;
    audit(ctx, `invoice.${status}`, { type: 'invoice', id }, ['status']);
    await ctx.em.flush();
    const stopped = await stopReminders(ctx, id, status);
    await settleFlow(ctx, invoice, 'invoiceClosed');
    return { invoice, stopped };
  });
}
