import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { isUnpaid } from '../../domain/invoice.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { Reminder } from '../../entities/reminder.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { withoutContact } from '../reminders/add.ts';
import { replan, type Replanned } from '../reminders/plan.ts';
import { readAmount } from './amount.ts';
import { statusOf } from './balance.ts';
import { namedContact } from './contact.ts';
import { dueColumns, readDueDate } from './due.ts';
import { settleFlow } from './flow.ts';
import { lockInvoice } from './get.ts';
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
    const fields = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (fields.length === 0) return { invoice, moved: [], stopped: [] };
    if (invoice.status === 'void') throw new AppError('invoice_closed', 'The invoice is void, and stays as it is.');
    if (change.contactId !== undefined) {
      const contact = change.contactId === null ? null : await namedContact(ctx, change.contactId);
      if (!contact && (await hasReminders(ctx.em, id))) throw withoutContact();
      invoice.contactId = contact?.id ?? null;
    }
    if (change.invoiceNumber !== undefined) invoice.invoiceNumber = change.invoiceNumber;
    if (change.dueDate !== undefined) Object.assign(invoice, dueColumns(readDueDate(change.dueDate)));
    if (change.timezone !== undefined) invoice.timezone = change.timezone;
    if (change.status === 'open') {
      if (invoice.status !== 'draft' && invoice.status !== 'open') {
        throw new AppError('invoice_closed', `The invoice is ${invoice.status}, and cannot be opened.`);
      }
      invoice.status = 'open';
    }
    const now = await databaseNow(ctx.em);
    if (change.amount !== undefined) {
      invoice.amount = readAmount(change.amount, invoice.currency);
      invoice.status = statusOf(invoice);
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
    const stopped = invoice.status === 'paid' ? await stopReminders(ctx, id, 'paid') : [];
    const moved = isUnpaid(invoice.status) ? await replan(ctx, invoice) : [];
    if (invoice.status !== 'draft') await settleFlow(ctx, invoice, 'invoiceChanged');
    return { invoice, moved, stopped };
  }).catch((error: unknown) => {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('invoice_exists', 'Another invoice has this number.');
  });
}

const hasReminders = async (
  em: { count(entity: typeof Reminder, where: object): Promise<number> },
  invoiceId: string,
) => (await em.count(Reminder, { invoiceId, status: { $in: ['scheduled', 'sending'] } })) > 0;
