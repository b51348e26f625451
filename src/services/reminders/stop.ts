import { unitOfWork, type Scope } from '../../context.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { settleFlow } from '../invoices/flow.ts';
import { lockInvoice } from '../invoices/get.ts';
import { stopReminders } from '../invoices/stop.ts';
import { getReminder } from './get.ts';
import { replan } from './plan.ts';
import { endRest, isRestEnded, recall } from './recall.ts';

/** Keeps one reminder from leaving. The row stays, as `skipped` or `cancelled`; again, it changes nothing. */
export async function stopReminder(
  scope: Scope,
  { invoiceId, id, why }: { invoiceId: string; id: string; why: 'skipped' | 'deleted' },
): Promise<Reminder> {
  await unitOfWork(scope, async (ctx) => {
    const invoice = await lockInvoice(ctx, invoiceId);
    await recall(ctx, invoiceId);
    const reminder = await ctx.em.findOne(Reminder, { id, invoiceId }, { refresh: true });
    if (!reminder) throw notFound('reminder');
    if (reminder.status === (why === 'skipped' ? 'skipped' : 'cancelled') || (await isRestEnded(ctx, id, why))) return;
    const stopped =
      reminder.status === 'sending'
        ? (await endRest(ctx, [id], why)) > 0
        : (await stopReminders(ctx, invoiceId, why, [id])).length > 0;
    if (!stopped)
      throw new AppError('reminder_not_pending', `The reminder is ${reminder.status}: it cannot be stopped.`);
    audit(ctx, `reminder.${why}`, { type: 'invoice', id: invoiceId }, ['status'], undefined, { item: id });
    // Another one may have stayed behind for it.
    if (isUnpaid(invoice.status)) await replan(ctx, invoice, { ahead: true });
    await settleFlow(ctx, invoice, 'invoiceChanged');
  });
  return getReminder(scope, invoiceId, id);
}
