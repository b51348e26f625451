import { isCurrency, digitsOf } from '../../domain/currencies.ts';
import { addAmounts, compareAmounts, parseAmount, type AmountFault } from '../../domain/money.ts';
import type { Invoice } from '../../entities/invoice.ts';
import { invalidField } from '../../errors.ts';

/** An amount of an invoice's currency as rows keep it; `named` is the currency that the caller said, if any. */
export function readAmount(text: string, currency: string, named?: string): string {
  if (named !== undefined && named !== currency) {
    throw invalidField('currency', `must be ${currency}, as the invoice has it`);
  }
  if (!isCurrency(currency)) throw invalidField('currency', 'must be an ISO 4217 code such as USD');
  const parsed = parseAmount(text, currency);
  if ('fault' in parsed) throw invalidField('amount', words(parsed.fault, currency));
  return parsed.amount;
}

/** The same for another amount than the invoice has; nothing where it is the same, or none is named. */
export function changedAmount(invoice: Pick<Invoice, 'amount' | 'currency'>, text?: string): string | undefined {
  if (text === undefined) return undefined;
  const amount = readAmount(text, invoice.currency);
  return compareAmounts(amount, invoice.amount, invoice.currency) === 0 ? undefined : amount;
}

/** What is received in all, with one more payment. A sum that no row can hold is refused. */
export function sumOf(received: string, amount: string, currency: string): string {
  const sum = addAmounts(received, amount, currency);
  if ('fault' in parseAmount(sum, currency)) throw invalidField('amount', 'would make the sum of payments too large');
  return sum;
}

function words(fault: AmountFault, currency: string): string {
  switch (fault) {
    case 'malformed':
      return 'must be a decimal number such as 99.99';
    case 'not_positive':
      return 'must be more than 0';
    case 'too_large':
      return 'must have at most 12 digits before the point';
    case 'too_many_digits':
      return `has more digits after the point than ${currency} has: ${digitsOf(currency)}`;
  }
}
