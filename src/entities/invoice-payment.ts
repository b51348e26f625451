import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const InvoicePaymentSchema = defineEntity({
  name: 'InvoicePayment',
  tableName: 'invoice_payments',
  properties: {
    ...tenantColumns,
    invoiceId: p.uuid(),
    kind: p.enum(['payment', 'refund']),
    amount: p.decimal('string').precision(16).scale(4),
    reference: p.text().nullable(),
    source: p.enum(['api', 'stripe', 'reply']),
    paidAt: p.datetime(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
  },
});

/** Money that came in for an invoice, or went back. Rows are only ever inserted. */
export class InvoicePayment extends InvoicePaymentSchema.class {}
InvoicePaymentSchema.setClass(InvoicePayment);
