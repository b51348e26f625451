import { z } from 'zod';
import { promiseToPay } from '../../services/invoices/promise.ts';
import { tenantRoute } from '../route.ts';
import { line } from '../schema.ts';
import { day } from './input.ts';
import { params, path, tag, write } from './invoices.ts';
import { presentInvoice, presentMoved, invoiceView, movedView } from './view.ts';

export const promiseRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/promise-to-pay`,
      operationId: 'promiseToPay',
      tag,
      summary: 'Note that somebody has promised to pay; nothing reminds until then',
      description:
        'Reminders that are planned before the end of that day do not leave. In the morning after, at the tenant’s ' +
        '`reminder_time`, if the invoice is still unpaid, their `catch_up` decides: `drop` is gone, of `send_once` only ' +
        'the newest is sent, of `shift` each. A new date replaces the promise, and paying the invoice ends it; who ' +
        'pays a part keeps the promise for the rest.',
      params,
      body: z.strictObject({
        date: day.meta({ description: 'From today to 3,650 days ahead, in the zone of the invoice' }),
        reason: line(500).optional().meta({ description: 'It stands in the audit log beside who: name nobody in it' }),
      }),
      status: 200,
      answer: invoiceView.extend({ moved_reminders: movedView }),
      errors: ['invoice_not_open', 'invoice_closed'],
    },
    async ({ scope }, { params: { invoice_id }, body }) => {
      const { invoice, moved } = await promiseToPay(scope, invoice_id, body);
      return { ...presentInvoice(invoice), moved_reminders: presentMoved(moved) };
    },
  ),
];
