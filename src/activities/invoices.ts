import { nextReminder, type InvoiceRef, type NextStep } from '../services/reminders/next.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: what an invoice's flow asks its rows. */
export const createInvoiceActivities = (deps: ActivityDeps) => ({
  nextReminder: (invoice: InvoiceRef): Promise<NextStep> => nextReminder(deps, invoice),
});

export type InvoiceActivities = ReturnType<typeof createInvoiceActivities>;
