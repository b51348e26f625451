import type { InvoiceStatus } from '../../domain/invoice.ts';
import { compareAmounts, subtractAmounts } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';

type Sums = Pick<Invoice, 'amount' | 'paid' | 'refunded' | 'currency' | 'status'>;

/** What came in and stayed. */
const received = ({ paid, refunded, currency }: Sums): string => subtractAmounts(paid, refunded, currency);

/** What is still owed: nothing once it is closed, whatever was refunded. Decimal, never negative. */
export function amountDue(invoice: Sums): string {
  const { amount, currency, status } = invoice;
  const left = subtractAmounts(amount, received(invoice), currency);
  return status === 'paid' || status === 'void' || compareAmounts(left, '0', currency) < 0
    ? subtractAmounts('0', '0', currency)
    : left;
}

/** What was paid beyond the amount, and has not gone back. */
export function overpaid(invoice: Sums): string {
  const { amount, currency } = invoice;
  const over = subtractAmounts(received(invoice), amount, currency);
  return compareAmounts(over, '0', currency) > 0 ? over : subtractAmounts('0', '0', currency);
}

/**
 * The status after a sum has changed. What is settled stays so, also when money has gone back, and what was given up is
 * given up until all of it is paid; `statusOwed` is for what ends that.
 */
export function statusOf(invoice: Sums): InvoiceStatus {
  const status = statusOwed(invoice);
  const stays = invoice.status === 'paid' || invoice.status === 'uncollectible';
  return stays && status !== 'paid' ? invoice.status : status;
}

/** The status that follows from the sums alone. A draft and what is void keep theirs. */
export function statusOwed(invoice: Sums): InvoiceStatus {
  const { amount, currency, status } = invoice;
  if (status === 'draft' || status === 'void') return status;
  const got = received(invoice);
  if (compareAmounts(got, amount, currency) >= 0) return 'paid';
  if (compareAmounts(got, '0', currency) > 0) return 'partially_paid';
  return status === 'uncollectible' ? 'uncollectible' : 'open';
}
