import { digitsOf } from './currencies.ts';
import { intlLocale } from './locale.ts';

/** Digits before the point of the greatest amount. */
const MAX_INTEGER_DIGITS = 12;

export type AmountFault = 'malformed' | 'not_positive' | 'too_large' | 'too_many_digits';

/**
 * Reads the amount of an invoice or a payment: a plain decimal (`99.99`, no sign, no grouping, no exponent) above zero
 * with at most 12 digits before the point. Answers it with exactly the digits of its currency (`5` is `5.00` in USD).
 * Digits that the currency does not have are refused, not rounded, unless they are zeros.
 */
export function parseAmount(text: string, currency: string): { amount: string } | { fault: AmountFault } {
  // Far more than any amount has: what is longer is not worth being read.
  const decimal = text.length <= 100 ? readDecimal(text) : undefined;
  if (!decimal) return { fault: 'malformed' };
  if (decimal.negative || /^0*$/.test(decimal.integer + decimal.fraction)) return { fault: 'not_positive' };
  if (decimal.integer.length > MAX_INTEGER_DIGITS) return { fault: 'too_large' };
  const units = unitsOf(decimal, currency);
  return units === undefined ? { fault: 'too_many_digits' } : { amount: amountOf(units, currency) };
}

/** `a + b` with the digits of the currency. Like the two below it throws a RangeError for what is no such amount. */
export const addAmounts = (a: string, b: string, currency: string): string =>
  amountOf(readUnits(a, currency) + readUnits(b, currency), currency);

/** `a - b`, which may be below zero. */
export const subtractAmounts = (a: string, b: string, currency: string): string =>
  amountOf(readUnits(a, currency) - readUnits(b, currency), currency);

/** Below, at or above zero as `a` is less than, equal to or more than `b`. */
export const compareAmounts = (a: string, b: string, currency: string): -1 | 0 | 1 => {
  const difference = readUnits(a, currency) - readUnits(b, currency);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** As people of that locale write it, with the digits of ISO 4217; in English where nobody knows the locale. */
export function formatMoney(amount: string, currency: string, locale: string): string {
  const digits = digitsOf(currency);
  const format = new Intl.NumberFormat(intlLocale(locale), {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // A string is formatted as the decimal that it is; a number would be rounded to a double first.
  return format.format(amountOf(readUnits(amount, currency), currency) as Intl.StringNumericLiteral);
}

type Decimal = { negative: boolean; integer: string; fraction: string };

function readDecimal(text: string): Decimal | undefined {
  const [, sign, integer, fraction = ''] = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text) ?? [];
  return integer === undefined ? undefined : { negative: sign === '-', integer, fraction };
}

/** In the smallest unit of the currency, cents say; nothing when it has a part of one. */
function unitsOf({ negative, integer, fraction }: Decimal, currency: string): bigint | undefined {
  const digits = digitsOf(currency);
  if (/[1-9]/.test(fraction.slice(digits))) return undefined;
  const units = BigInt(integer + fraction.slice(0, digits).padEnd(digits, '0'));
  return negative ? -units : units;
}

function readUnits(amount: string, currency: string): bigint {
  const decimal = readDecimal(amount);
  const units = decimal && unitsOf(decimal, currency);
  if (units === undefined) throw new RangeError(`not an amount in ${currency}`);
  return units;
}

function amountOf(units: bigint, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(units < 0n ? -units : units).padStart(digits + 1, '0');
  const point = text.length - digits;
  return `${units < 0n ? '-' : ''}${text.slice(0, point)}${digits === 0 ? '' : `.${text.slice(point)}`}`;
}
