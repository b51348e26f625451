import { LockMode } from '@mikro-orm/core';
import { reader, type Ctx, type Scope } from '../../context.ts';
import type { InvoiceStatus } from '../../domain/invoice.ts';
import { Invoice } from '../../entities/invoice.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export async function getInvoice(scope: Scope, id: string): Promise<Invoice> {
  const invoice = await reader(scope).findOne(Invoice, { id });
  if (!invoice) throw notFound('invoice');
  return invoice;
}

/** Whoever changes an invoice, or sends a reminder of it, holds its row: one of two comes first, and the other sees it. */
export async function lockInvoice({ em }: Ctx, id: string): Promise<Invoice> {
  const invoice = await em.findOne(Invoice, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!invoice) throw notFound('invoice');
  return invoice;
}

export type ListInvoices = PageRequest & {
  status?: InvoiceStatus | undefined;
  contactId?: string | undefined;
  invoiceNumber?: string | undefined;
};

export function listInvoices(
  scope: Scope,
  { status, contactId, invoiceNumber, ...page }: ListInvoices,
): Promise<Page<Invoice>> {
  const where = {
    ...(status && { status }),
    ...(contactId && { contactId }),
    ...(invoiceNumber !== undefined && { invoiceNumber }),
  };
  return newestPage(reader(scope), Invoice, where, page);
}
