import { z } from 'zod';
import { recordPayment } from '../../services/invoices/pay.ts';
import { recordRefund } from '../../services/invoices/refund.ts';
import { tenantRoute } from '../route.ts';
import { id, instant, instantInput, isoOrNull, line } from '../schema.ts';
import { amountInput, currencyInput } from './input.ts';
import { params, path, tag, write } from './invoices.ts';
import { presentInvoice, presentPayment, presentStopped, invoiceView, paymentView, stoppedView } from './view.ts';

const money = {
  amount: amountInput,
  currency: currencyInput.optional().meta({ description: "The invoice's, if absent; another one is refused" }),
  reference: line(200)
    .optional()
    .meta({ description: 'Your own or the payment provider’s name for it: the same one counts once' }),
};

export const paymentRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/payments`,
      operationId: 'payInvoice',
      tag,
      summary: 'Book a payment; what pays the invoice stops its reminders at once',
      description:
        'After the answer no reminder is sent any more that is in `cancelled_reminders`. A payment with a `reference` ' +
        'that the invoice has already changes nothing: the answer is the payment as it was booked, and nothing was cancelled.',
      params,
      body: z.strictObject({ ...money, paid_at: instantInput.optional() }),
      status: 200,
      idempotent: true,
      answer: z.object({ invoice: invoiceView, payment: paymentView, cancelled_reminders: stoppedView }),
      errors: ['invoice_not_open', 'payment_reference_used'],
    },
    async ({ scope }, { params: { invoice_id }, body: { paid_at, ...body } }) => {
      const { invoice, payment, stopped } = await recordPayment(scope, invoice_id, { ...body, paidAt: paid_at });
      return {
        invoice: presentInvoice(invoice),
        payment: presentPayment(payment, invoice.currency),
        cancelled_reminders: presentStopped(stopped),
      };
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/refunds`,
      operationId: 'refundInvoice',
      tag,
      summary: 'Book a refund, at most what was paid',
      params,
      body: z.strictObject({
        ...money,
        refunded_at: instantInput.optional(),
        reopen: z
          .boolean()
          .default(false)
          .meta({
            description:
              'Whether the amount is owed again, as after a payment that bounced: reminders that are still ahead come ' +
              'back. Else a paid invoice stays paid. One that is uncollectible stays so either way.',
          }),
      }),
      status: 200,
      idempotent: true,
      answer: z.object({
        invoice: invoiceView,
        refund: paymentView,
        restored_reminders: z
          .array(z.object({ id, planned_at: instant.nullable() }))
          .meta({ description: 'Of an invoice that is owed again: what its payment had cancelled and is still ahead' }),
      }),
      errors: ['refund_too_large', 'payment_reference_used'],
    },
    async ({ scope }, { params: { invoice_id }, body: { refunded_at, ...body } }) => {
      const { invoice, payment, restored } = await recordRefund(scope, invoice_id, {
        ...body,
        refundedAt: refunded_at,
      });
      return {
        invoice: presentInvoice(invoice),
        refund: presentPayment(payment, invoice.currency),
        restored_reminders: restored.map((one) => ({ id: one.id, planned_at: isoOrNull(one.plannedAt) })),
      };
    },
  ),
];
