import { z } from 'zod';
import { dayOf } from '../../domain/calendar-day.ts';
import { currencies } from '../../domain/currencies.ts';
import { MAX_DAYS, MAX_REMINDERS } from '../../domain/reminder.ts';
import { reminderTypes } from '../../services/reminders/get.ts';
import { id, line, timezone } from '../schema.ts';

/** A decimal as a JSON number or string. A number is taken as JSON writes it, which is exact up to 15 digits. */
export const amountInput = z
  .union([z.string().max(40), z.number()])
  .transform((value, ctx) => {
    if (typeof value === 'string') return value.trim();
    if (Number.isFinite(value) && Math.abs(value) < 1e15 && !String(value).includes('e')) return String(value);
    ctx.addIssue({ code: 'custom', message: 'must be a decimal number such as 99.99' });
    return z.NEVER;
  })
  .meta({ example: '99.99', description: 'Decimal; a JSON number or, better, a string' });

export const day = z
  .string()
  .refine((text) => dayOf(text) !== null, 'must be a date such as 2026-12-25')
  .meta({ example: '2026-12-25' });

export const currencyInput = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine((code) => currencies.includes(code), 'must be an ISO 4217 code such as USD')
  .meta({ example: 'USD' });

export const reminderInput = z
  .strictObject({
    reminder_type: z.enum(reminderTypes).default('custom'),
    days_before_due: z
      .int()
      .min(-MAX_DAYS)
      .max(MAX_DAYS)
      .meta({ description: 'Before the due day; negative after it, 0 on the day' }),
    business_days: z.boolean().default(false).meta({ description: "Counts and uses only the tenant's business days" }),
    send_at_time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 09:30')
      .optional()
      .meta({ description: "In the invoice's zone; the tenant's `reminder_time`, if absent", example: '09:30' }),
    message_template: z
      .string()
      .min(1)
      .max(1_024)
      .meta({
        description:
          'May name `{contact_name}`, `{invoice_number}`, `{amount}`, `{amount_due}`, `{due_date}`, `{payment_link}` and ' +
          'fields of the contact. `{payment_link}` stays good for as long as something is due; it needs a connection to ' +
          'Stripe with an access token.',
        example: 'Hi {contact_name}, payment for invoice {invoice_number} is due on {due_date}.',
      }),
    catch_up: z.enum(['drop', 'send_once', 'shift']).default('send_once').meta({
      description:
        'What becomes of it when its time has passed. `drop`: it is not sent more than 12 hours late. `send_once`: of several that are due only the newest is sent. `shift`: it is sent however late.',
    }),
  })
  .refine(({ reminder_type, days_before_due }) => reminder_type !== 'due' || days_before_due >= 0, {
    path: ['days_before_due'],
    error: 'must be 0 or more for a reminder of type due',
  })
  .refine(({ reminder_type, days_before_due }) => reminder_type !== 'overdue' || days_before_due < 0, {
    path: ['days_before_due'],
    error: 'must be negative for a reminder of type overdue',
  });

const dueDate = z.string().max(40).meta({ description: 'A date or an instant', example: '2026-12-31' });

export const invoiceInput = z.strictObject({
  invoice_number: line(100),
  contact_id: id.optional(),
  amount: amountInput,
  currency: currencyInput.default('USD'),
  due_date: dueDate,
  timezone: timezone.optional(),
  status: z.enum(['draft', 'open']).default('open'),
  reminders: z.array(reminderInput).max(MAX_REMINDERS).optional(),
});

export const invoiceChange = z.strictObject({
  invoice_number: line(100).optional(),
  contact_id: id.nullable().optional(),
  amount: amountInput.optional(),
  due_date: dueDate.optional(),
  timezone: timezone.nullable().optional(),
  status: z.literal('open').optional().meta({ description: 'Opens a draft' }),
});
