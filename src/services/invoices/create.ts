import { randomUUIDv7 } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { Invoice } from '../../entities/invoice.ts';
import { Tenant } from '../../entities/tenant.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { addReminders, fromRule, type NewReminder } from '../reminders/add.ts';
import { checkPaymentLinks } from '../reminders/payment-link.ts';
import { settingsOf } from '../settings/get.ts';
import { submitTemplatesSoon } from '../templates/submit.ts';
import { readAmount } from './amount.ts';
import { namedContact } from './contact.ts';
import { dueColumns, readDueDate } from './due.ts';
import { settleFlow } from './flow.ts';
import { notify } from './notices.ts';

export type CreateInvoice = {
  invoiceNumber: string;
  contactId?: string | undefined;
  amount: string;
  currency: string;
  dueDate: string;
  timezone?: string | undefined;
  status?: 'draft' | 'open' | undefined;
  /** The tenant's default schedule, if absent; without a contact there is none. */
  reminders?: NewReminder[] | undefined;
};

/** Makes an invoice with its reminders, and starts its flow if it has any. */
export async function createInvoice(scope: Scope, input: CreateInvoice): Promise<Invoice> {
  const amount = readAmount(input.amount, input.currency);
  const due = readDueDate(input.dueDate);
  const { invoice, drafts } = await unitOfWork(scope, async (ctx) => {
    const contact = input.contactId === undefined ? null : await namedContact(ctx, input.contactId);
    const row = ctx.em.create(Invoice, {
      id: randomUUIDv7(),
      invoiceNumber: input.invoiceNumber,
      contactId: contact?.id ?? null,
      amount,
      currency: input.currency,
      timezone: input.timezone ?? null,
      status: input.status ?? 'open',
      ...dueColumns(due),
    });
    audit(ctx, 'invoice.create', { type: 'invoice', id: row.id }, [
      'invoice_number',
      'amount',
      'due_date',
      'reminders',
    ]);
    await ctx.em.flush();
    await ctx.em.refresh(row);
    const tenant = await ctx.em.findOneOrFail(Tenant, { id: ctx.tenantId });
    const written = (input.reminders ?? []).map(({ messageTemplate }) => messageTemplate);
    await checkPaymentLinks(ctx, written, (n) => `reminders.${n}.message_template`);
    // A default schedule was checked when it was set: whatever became of the connection since, invoices are taken in,
    // and where an invoice is due at the very time that the schedule names as well, one reminder is enough.
    const added = input.reminders
      ? await addReminders(ctx, row, input.reminders, { path: (n, field) => `reminders.${n}.${field}` })
      : await addReminders(ctx, row, contact ? settingsOf(tenant).default_reminders.map(fromRule) : [], {
          path: (n, field) => `default_reminders.${n}.${field}`,
          equal: 'leave_out',
        });
    if (row.status !== 'draft') {
      await notify(ctx, row, 'issued');
      await settleFlow(ctx, row, 'invoiceChanged');
    }
    return { invoice: row, drafts: added.drafts };
  }).catch((error: unknown) => {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('invoice_exists', 'Another invoice has this number.');
  });
  if (drafts.length > 0) submitTemplatesSoon(scope, drafts);
  return invoice;
}
