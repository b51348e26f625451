import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import { compareAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { withoutContact } from '../reminders/add.ts';
import { lockMessages } from '../reminders/lock.ts';
import { replan, type Replanned } from '../reminders/plan.ts';
import { changedAmount } from './amount.ts';
import { statusOf, statusOwed } from './balance.ts';
import { namedContact } from './contact.ts';
import { changedDue } from './due.ts';
import { restoreDropped } from './dropped.ts';
import { endCheckout } from './end-checkout.ts';
import { settleFlow } from './flow.ts';
import { lockInvoice } from './get.ts';
import { restoreReminders } from './reopen.ts';
import { notify } from './notices.ts';
import { stopReminders, type Stopped } from './stop.ts';

export type InvoiceChange = {
  invoiceNumber?: string | undefined;
  contactId?: string | null | undefined;
  amount?: string | undefined;
  dueDate?: string | undefined;
  timezone?: string | null | undefined;
  /** A draft is opened; nothing else is set by hand. */
  status?: 'open' | undefined;
};

/** `moved`: reminders that leave at another time now, or not at all; `stopped`: those that the change has ended. */
export type Updated = { invoice: Invoice; moved: Replanned[]; stopped: Stopped[] };

/** Changes what is said and nothing else, and moves or stops what is pending. */
export function updateInvoice(scope: Scope, id: string, change: InvoiceChange): Promise<Updated> {
  return unitOfWork(scope, async (ctx) => {
    const invoice = await lockInvoice(ctx, id);
    const said = namesOf(change);
    if (said.length === 0) return { invoice, moved: [], stopped: [] };
    if (invoice.status === 'void') throw new AppError('invoice_closed', 'The invoice is void, and stays as it is.');
    const [amount, due] = [changedAmount(invoice, change.amount), changedDue(invoice, change.dueDate)];
    // What is said again is no change: it opens nothing that was settled, and leaves what was moved by hand.
    const fields = namesOf({ ...change, amount, dueDate: due });
    if (fields.length === 0) return { invoice, moved: [], stopped: [] };
    if (change.contactId !== undefined) {
      const contact = change.contactId === null ? null : await namedContact(ctx, change.contactId);
      if (!contact && (await hasReminders(ctx.em, id))) throw withoutContact();
      invoice.contactId = contact?.id ?? null;
    }
    if (change.invoiceNumber !== undefined) invoice.invoiceNumber = change.invoiceNumber;
    if (due) Object.assign(invoice, due);
    if (change.timezone !== undefined) invoice.timezone = change.timezone;
    const wasDraft = invoice.status === 'draft';
    if (change.status === 'open') {
      if (invoice.status !== 'draft' && invoice.status !== 'open') {
        throw new AppError('invoice_closed', `The invoice is ${invoice.status}, and cannot be opened.`);
      }
      invoice.status = 'open';
    }
    const wasPaid = invoice.status === 'paid';
    const now = await databaseNow(ctx.em);
    if (amount !== undefined) {
      const raised = compareAmounts(amount, invoice.amount, invoice.currency) > 0;
      invoice.amount = amount;
      // Whoever raises what is settled wants the rest of it.
      invoice.status = wasPaid && raised ? statusOwed(invoice) : statusOf(invoice);
    }
    if (invoice.status === 'paid') {
      invoice.paidAt ??= now;
      invoice.closedAt ??= now;
      invoice.promisedFor = null;
    } else if (isUnpaid(invoice.status)) {
      invoice.paidAt = null;
      invoice.closedAt = null;
    }
    invoice.updatedAt = now;
    audit(ctx, 'invoice.update', { type: 'invoice', id }, fields);
    await ctx.em.flush();
    if (amount !== undefined) await endCheckout(ctx, id);
    const stopped = invoice.status === 'paid' ? await stopReminders(ctx, id, 'paid') : [];
    if (wasPaid && isUnpaid(invoice.status)) await restoreReminders(ctx, invoice);
    const back = due ? await dueChanged(ctx, invoice) : [];
    const moved = isUnpaid(invoice.status) ? await replan(ctx, invoice) : [];
    if (wasDraft && isUnpaid(invoice.status)) await notify(ctx, invoice, 'issued');
    if (invoice.status === 'paid' && !wasPaid) await notify(ctx, invoice, 'paid');
    if (invoice.status !== 'draft') await settleFlow(ctx, invoice, 'invoiceChanged');
    // One that came back and was dropped again is where it was.
    return { invoice, moved: moved.filter((one) => one.to !== null || !back.includes(one.id)), stopped };
  }).catch((error: unknown) => {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('invoice_exists', 'Another invoice has this number.');
  });
}

const namesOf = (change: object): string[] =>
  Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));

/** What was put somewhere by hand, or dropped, was so for another due date. Answers the ids of those that came back. */
async function dueChanged(ctx: Ctx, invoice: Invoice): Promise<string[]> {
  await lockMessages(ctx, invoice.id);
  const byHand = { invoiceId: invoice.id, status: { $in: ['scheduled', 'sending', 'cancelled'] as const } };
  for (const reminder of await ctx.em.find(Reminder, { ...byHand, movedTo: { $ne: null } })) reminder.movedTo = null;
  return isUnpaid(invoice.status) ? restoreDropped(ctx, invoice) : [];
}

const hasReminders = async (
  em: { count(entity: typeof Reminder, where: object): Promise<number> },
  invoiceId: string,
) => (await em.count(Reminder, { invoiceId, status: { $in: ['scheduled', 'sending'] } })) > 0;
