import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const money = () => p.decimal('string').precision(16).scale(4);

const InvoiceSchema = defineEntity({
  name: 'Invoice',
  tableName: 'invoices',
  properties: {
    ...tenantColumns,
    invoiceNumber: p.text(),
    contactId: p.uuid().nullable(),
    amount: money(),
    currency: p.text(),
    paid: money().defaultRaw('0'),
    refunded: money().defaultRaw('0'),
    dueDate: p.date().nullable(),
    dueAt: p.datetime().nullable(),
    timezone: p.text().nullable(),
    status: p.enum(['draft', 'open', 'partially_paid', 'paid', 'void', 'uncollectible']),
    promisedFor: p.date().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    paidAt: p.datetime().nullable(),
    closedAt: p.datetime().nullable(),
  },
});

/** What a customer owes. Its flow, of the same id, reminds of it. Amounts are decimals in strings. */
export class Invoice extends InvoiceSchema.class {}
InvoiceSchema.setClass(Invoice);
