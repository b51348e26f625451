/**
 * Digits after the point that Stripe's integers stand for, which is not always what ISO 4217 says. ISK and UGX have no
 * digits and are counted in hundredths all the same; MGA has two and is counted whole. All others have two.
 */
const wholeUnits = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const thousandths = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];
const hundredthsByNameAlone = ['ISK', 'UGX'];

const digitsOf = (currency: string): number =>
  wholeUnits.includes(currency) ? 0 : thousandths.includes(currency) ? 3 : 2;

/** An integer of Stripe's as a decimal: 9999 in USD is `99.99`, 500 in JPY is `500`. The currency in capitals. */
export function amountOf(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(minor).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** A decimal as Stripe's integer, or nothing where Stripe cannot charge it: the third digit of a currency must be zero. */
export function minorOf(amount: string, currency: string): number | undefined {
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === undefined) return undefined;
  const digits = digitsOf(currency);
  const chargeable = hundredthsByNameAlone.includes(currency) ? 0 : Math.min(digits, 2);
  if (/[1-9]/.test(fraction.slice(chargeable))) return undefined;
  return Number(whole + fraction.slice(0, digits).padEnd(digits, '0'));
}
