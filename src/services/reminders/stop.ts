import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { endForGood } from '../invoices/end-for-good.ts';
import { settleFlow } from '../invoices/flow.ts';
import { lockInvoice } from '../invoices/get.ts';
import { stopReminders } from '../invoices/stop.ts';
import { getReminder } from './get.ts';
import { replan } from './plan.ts';
import { endRest, isRestEnded, recall } from './recall.ts';

type Why = 'skipped' | 'deleted';

/** Keeps one reminder from leaving. The row stays, as `skipped` or `cancelled`; again, it changes nothing. */
export async function stopReminder(
  scope: Scope,
  { invoiceId, id, why }: { invoiceId: string; id: string; why: Why },
): Promise<Reminder> {
  await unitOfWork(scope, async (ctx) => {
    const invoice = await lockInvoice(ctx, invoiceId);
    await recall(ctx, invoiceId);
    const reminder = await ctx.em.findOne(Reminder, { id, invoiceId }, { refresh: true });
    if (!reminder) throw notFound('reminder');
    if (!(await stop(ctx, reminder, why))) return;
    audit(ctx, `reminder.${why}`, { type: 'invoice', id: invoiceId }, ['status'], undefined, { item: id });
    // Another one may have stayed behind for it.
    if (isUnpaid(invoice.status)) await replan(ctx, invoice, { ahead: true });
    await settleFlow(ctx, invoice, 'invoiceChanged');
  });
  return getReminder(scope, invoiceId, id);
}

/** Whether that changes anything. What is past stopping is refused. */
async function stop(ctx: Ctx, { id, invoiceId, status }: Reminder, why: Why): Promise<boolean> {
  if (status === 'skipped' && why === 'skipped') return false;
  // What a payment has cancelled would come back with what is owed again.
  if (status === 'cancelled' && why === 'deleted') return (await endForGood(ctx, invoiceId, why, [id])) > 0;
  if (await isRestEnded(ctx, id, why)) return false;
  const stopped =
    status === 'sending'
      ? (await endRest(ctx, [id], why)) > 0
      : (await stopReminders(ctx, invoiceId, why, [id])).length > 0;
  if (!stopped) throw new AppError('reminder_not_pending', `The reminder is ${status}: it cannot be stopped.`);
  return true;
}
