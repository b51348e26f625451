import { setClock } from '../services/flows/clock.ts';
import { nextReminder, type InvoiceRef, type NextStep } from '../services/reminders/next.ts';
import type { ActivityDeps } from './index.ts';

/** Activities of queue `flows`: what an invoice's flow asks its rows. */
export const createInvoiceActivities = (deps: ActivityDeps) => ({
  /** `now`: the workflow's, in milliseconds since 1970. A local activity is told the time of its worker alone. */
  async nextReminder({ now, ...invoice }: InvoiceRef & { now: number }): Promise<NextStep> {
    await setClock(deps, invoice.tenantId, invoice.invoiceId, now);
    return nextReminder(deps, invoice);
  },
});

export type InvoiceActivities = ReturnType<typeof createInvoiceActivities>;
