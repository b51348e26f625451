import { reader, type Scope } from '../../context.ts';
import { Reminder, reminderStatuses, reminderTypes } from '../../entities/reminder.ts';
import { notFound } from '../../errors.ts';
import { getInvoice } from '../invoices/get.ts';

export { reminderStatuses, reminderTypes };

/** All reminders of an invoice, in the order in which they leave; there are few. */
export async function listReminders(scope: Scope, invoiceId: string): Promise<Reminder[]> {
  await getInvoice(scope, invoiceId);
  return remindersOf(scope, invoiceId);
}

export const remindersOf = (scope: Scope, invoiceId: string): Promise<Reminder[]> =>
  reader(scope).find(Reminder, { invoiceId }, { orderBy: { plannedAt: 'asc nulls last', id: 'asc' } });

export async function getReminder(scope: Scope, invoiceId: string, id: string): Promise<Reminder> {
  const reminder = await reader(scope).findOne(Reminder, { id, invoiceId });
  if (!reminder) throw notFound('reminder');
  return reminder;
}
