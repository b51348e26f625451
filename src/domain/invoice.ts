/** The states of an invoice. `draft` sends nothing; the last three of them are its ends. */
export const invoiceStatuses = ['draft', 'open', 'partially_paid', 'paid', 'void', 'uncollectible'] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];

/**
 * What may become of an invoice. A payment that arrives late pays even what was given up as uncollectible; a refund that
 * says so, or an amount that is raised, opens a paid one again. Void is for ever: money that arrives for it is recorded and changes nothing.
 */
const moves: Record<InvoiceStatus, readonly InvoiceStatus[]> = {
  draft: ['open', 'void'],
  open: ['partially_paid', 'paid', 'void', 'uncollectible'],
  partially_paid: ['open', 'paid', 'void', 'uncollectible'],
  paid: ['partially_paid', 'open'],
  uncollectible: ['paid', 'partially_paid', 'void'],
  void: [],
};

export const mayMove = (from: InvoiceStatus, to: InvoiceStatus): boolean => moves[from].includes(to);

/** Whether somebody still owes something, so that reminders are in place. */
export const isUnpaid = (status: InvoiceStatus): boolean => status === 'open' || status === 'partially_paid';
