import { formatDueDate } from '../../domain/due-date.ts';
import { formatMoney } from '../../domain/money.ts';
import type { PlaceholderValues } from '../../domain/placeholders.ts';
import type { Contact } from '../../entities/contact.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { amountDue } from '../invoices/balance.ts';
import { dueOf } from '../invoices/due.ts';
import { contactValues } from '../messages/placeholders.ts';

/** What the text of a reminder may name of its invoice. */
export const invoiceFields = [
  'contact_name',
  'invoice_number',
  'amount',
  'amount_due',
  'due_date',
  'payment_link',
] as const;

/** What the placeholders of a reminder stand for, at this moment; amounts and days as the locale writes them. */
export const reminderValues = (
  invoice: Invoice,
  contact: Contact,
  { timeZone, locale, paymentLink }: { timeZone: string; locale: string; paymentLink: string },
): PlaceholderValues => ({
  ...contactValues(contact),
  // A text is checked when it is written; a name that the contact lacks must not keep it from leaving.
  contact_name: [contact.firstName, contact.lastName].filter(Boolean).join(' ') || contact.phone || contact.email,
  invoice_number: invoice.invoiceNumber,
  amount: formatMoney(invoice.amount, invoice.currency, locale),
  amount_due: formatMoney(amountDue(invoice), invoice.currency, locale),
  due_date: formatDueDate(dueOf(invoice), timeZone, locale),
  payment_link: paymentLink,
});
