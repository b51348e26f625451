import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../harness/client.ts';
import type { TestTenant } from '../../harness/tenants.ts';
import type { Bill } from './bill.ts';
import type { Promises, PromisedInvoice } from './promises.ts';
import type { Insist, Insistence, Patience } from './requests.ts';
import { mailDomain, reminderText } from './tenant.ts';

const amount = '99.99';
/** Days before it is due. */
const [onTheDay, aMonthLater] = [0, -30];

/** What one tenant's application does with invoices: it makes them, and says when they are paid or given up. */
export function createBiller(tenant: TestTenant, promises: Promises, insist: Insist) {
  /** The answer, if it is what was asked for. `late`: the code of an answer that comes too late, which is none of ours. */
  const made = async (
    path: string,
    body: object,
    status: number,
    how: Insistence,
    late?: string,
  ): Promise<Answer | undefined> => {
    const answer = await insist(path, body, how);
    if (answer?.status === status) return answer;
    const isLate = late !== undefined && (answer?.body as { code?: string } | undefined)?.code === late;
    if (answer && answer.status !== 503 && !isLate)
      promises.refused.push(`POST ${path} was answered with ${answer.text}`);
    return undefined;
  };

  /** The reference is what makes it safe to book again. */
  const pay = async (id: string, patience: Patience): Promise<void> => {
    const reference = `paid-${id}`;
    const answer = await made(`/invoices/${id}/payments`, { amount, reference }, 200, patience);
    const told = (answer?.body as { cancelled_reminders: { id: string }[] } | undefined)?.cancelled_reminders;
    if (told) promises.payments.push({ invoiceId: id, reference, cancelled: told.map((one) => one.id) });
  };
  const cancel = async (id: string, patience: Patience): Promise<void> => {
    const answer = await made(`/flows/${id}/cancel`, { reason: 'the customer called' }, 200, patience, 'flow_ended');
    if (answer) promises.cancels.push(id);
  };

  return {
    /** An invoice to a new contact. Its number and its keys are the phone, which nobody else has. */
    async bill(
      phone: string,
      { mailed, far, dueInMs }: Bill,
      patience: Patience,
    ): Promise<PromisedInvoice | undefined> {
      const dueAt = Date.now() + dueInMs;
      const email = mailed ? `ada.${phone.slice(1)}@${mailDomain(tenant.id)}` : undefined;
      const person = { phone_number: phone, first_name: 'Ada', ...(email !== undefined && { email }) };
      const contact = await made('/contacts', person, 201, { ...patience, key: `contact-${phone}` });
      if (!contact) return undefined;
      const body = {
        invoice_number: phone,
        contact_id: (contact.body as { id: string }).id,
        amount,
        due_date: new Date(dueAt).toISOString(),
        timezone: 'UTC',
        reminders: [onTheDay, ...(far ? [aMonthLater] : [])].map((days_before_due) => ({
          days_before_due,
          message_template: reminderText,
        })),
      };
      const answer = await made('/invoices', body, 201, { ...patience, key: `invoice-${phone}` });
      if (!answer) return undefined;
      const { id, reminders } = answer.body as { id: string; reminders: { id: string }[] };
      const invoice = { id, phone, email, dueAt, reminders: reminders.map((one) => one.id) };
      promises.invoices.push(invoice);
      return invoice;
    },
    /** Pays an invoice, or cancels its flow, at its time, if either is to be. */
    async end({ id, dueAt }: PromisedInvoice, { ends, endsAfterMs, times }: Bill, patience: Patience): Promise<void> {
      if (!ends) return;
      await sleep(Math.max(0, dueAt + endsAfterMs - Date.now()));
      for (let n = 0; n < times; n += 1) await (ends === 'paid' ? pay(id, patience) : cancel(id, patience));
    },
  };
}
