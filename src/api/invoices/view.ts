import { z } from 'zod';
import { invoiceStatuses } from '../../domain/invoice.ts';
import { digitsOf } from '../../domain/currencies.ts';
import { shiftReasons } from '../../domain/reminder-shift.ts';
import type { Invoice } from '../../entities/invoice.ts';
import type { InvoicePayment } from '../../entities/invoice-payment.ts';
import type { Reminder } from '../../entities/reminder.ts';
import { reminderStatuses, reminderTypes } from '../../services/reminders/get.ts';
import { amountDue, overpaid } from '../../services/invoices/balance.ts';
import type { Stopped } from '../../services/invoices/stop.ts';
import type { Replanned } from '../../services/reminders/plan.ts';
import { id, instant, iso, isoOrNull } from '../schema.ts';

const amount = z.string().meta({ description: 'Decimal, with as many digits as the currency has', example: '99.99' });

export const reminderView = z
  .object({
    id,
    invoice_id: id,
    reminder_type: z.enum(reminderTypes),
    days_before_due: z.int(),
    business_days: z.boolean(),
    send_at_time: z.string().nullable().meta({ description: 'Null for the time that the tenant has for all' }),
    message_template: z.string(),
    template_id: id.nullable(),
    catch_up: z.enum(['drop', 'send_once', 'shift']),
    status: z.enum(reminderStatuses),
    planned_at: instant.nullable().meta({ description: 'When it leaves; null for as long as the invoice is a draft' }),
    shifts: z
      .array(z.object({ reason: z.string().meta({ examples: [...shiftReasons] }), from: z.string(), to: z.string() }))
      .meta({ description: 'Why then, and not when its days and its time alone would have it' }),
    reason: z.string().nullable(),
    created_at: instant,
    updated_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Reminder' });

export const presentReminder = (row: Reminder): z.input<typeof reminderView> => ({
  id: row.id,
  invoice_id: row.invoiceId,
  reminder_type: row.reminderType,
  days_before_due: row.daysBeforeDue,
  business_days: row.businessDays,
  send_at_time: row.sendAtTime ?? null,
  message_template: row.messageTemplate,
  template_id: row.templateId ?? null,
  catch_up: row.catchUp,
  status: row.status,
  planned_at: isoOrNull(row.plannedAt),
  shifts: row.shifts,
  reason: row.reason ?? null,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
  ended_at: isoOrNull(row.endedAt),
});

export const invoiceView = z
  .object({
    id,
    invoice_number: z.string(),
    contact_id: id.nullable(),
    amount,
    currency: z.string().meta({ example: 'USD' }),
    amount_paid: amount,
    amount_refunded: amount,
    amount_due: amount,
    overpaid: amount,
    due_date: z.string().meta({ description: 'A date or an instant, as it was given' }),
    timezone: z.string().nullable().meta({ description: "Its own; null for the contact's, else the tenant's" }),
    status: z.enum(invoiceStatuses),
    promised_for: z.string().nullable().meta({
      description: 'Until the end of that day, in its zone, nothing reminds: somebody has promised to pay',
      example: '2026-12-31',
    }),
    created_at: instant,
    updated_at: instant,
    paid_at: instant.nullable(),
    closed_at: instant.nullable(),
  })
  .meta({ id: 'Invoice' });

export const presentInvoice = (row: Invoice): z.input<typeof invoiceView> => {
  const show = (decimal: string) => withDigits(decimal, digitsOf(row.currency));
  return {
    id: row.id,
    invoice_number: row.invoiceNumber,
    contact_id: row.contactId ?? null,
    amount: show(row.amount),
    currency: row.currency,
    amount_paid: show(row.paid),
    amount_refunded: show(row.refunded),
    amount_due: show(amountDue(row)),
    overpaid: show(overpaid(row)),
    due_date: row.dueAt ? iso(row.dueAt) : (row.dueDate ?? ''),
    timezone: row.timezone ?? null,
    status: row.status,
    promised_for: row.promisedFor ?? null,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
    paid_at: isoOrNull(row.paidAt),
    closed_at: isoOrNull(row.closedAt),
  };
};

/** A column has four digits after the point, whatever the currency has. */
function withDigits(decimal: string, digits: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return digits === 0 ? whole : `${whole}.${fraction.slice(0, digits).padEnd(digits, '0')}`;
}

export const paymentView = z
  .object({
    id,
    amount,
    reference: z.string().nullable(),
    source: z.enum(['api', 'stripe', 'reply']),
    at: instant,
    created_at: instant,
  })
  .meta({ id: 'InvoicePayment' });

export const presentPayment = (row: InvoicePayment, currency: string): z.input<typeof paymentView> => ({
  id: row.id,
  amount: withDigits(row.amount, digitsOf(currency)),
  reference: row.reference ?? null,
  source: row.source,
  at: iso(row.paidAt),
  created_at: iso(row.createdAt),
});

export const movedView = z.array(
  z.object({
    id,
    from: instant.nullable(),
    to: instant.nullable().meta({ description: 'Null for one that will not leave' }),
    reason: z.string().nullable(),
  }),
);

export const presentMoved = (moved: Replanned[]): z.input<typeof movedView> =>
  moved.map(({ from, to, ...rest }) => ({ ...rest, from: isoOrNull(from), to: isoOrNull(to) }));

export const stoppedView = z
  .array(z.object({ id, planned_at: instant.nullable() }))
  .meta({ description: 'The reminders that will not leave any more' });

export const presentStopped = (stopped: Stopped[]) =>
  stopped.map((one) => ({ id: one.id, planned_at: isoOrNull(one.plannedAt) }));
