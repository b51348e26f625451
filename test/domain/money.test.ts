import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { currencies, digitsOf, isCurrency } from '../../src/domain/currencies.ts';
import { addAmounts, compareAmounts, formatMoney, parseAmount, subtractAmounts } from '../../src/domain/money.ts';

/** What people and browsers write as a space that must not break. */
const plain = (text: string) => text.replaceAll(/[\u00A0\u202F]/g, ' ');

test.each([
  ['99.99', 'USD', '99.99'],
  ['5', 'USD', '5.00'],
  ['5.1', 'EUR', '5.10'],
  ['0.01', 'INR', '0.01'],
  ['1500', 'JPY', '1500'],
  ['1500.000000', 'JPY', '1500'],
  ['1.234', 'KWD', '1.234'],
  ['12.5', 'BHD', '12.500'],
  ['0.0001', 'CLF', '0.0001'],
  ['10', 'HUF', '10.00'],
  ['250', 'IQD', '250.000'],
  ['999999999999.99', 'USD', '999999999999.99'],
])('%s %s is %s, with the digits of its currency', (text, currency, amount) => {
  expect(parseAmount(text, currency)).toEqual({ amount });
});

test.each([
  ['malformed', ['', ' 5', '5 ', '+5', '05', '.5', '5.', '1,000.00', '1e3', '5.0.0', '0x10', '٥', 'NaN', 'Infinity']],
  ['malformed', ['9'.repeat(101), `0.${'0'.repeat(1_000_000)}1`]],
  ['not_positive', ['0', '0.00', '-1', '-0.01', '-0', '0.000000']],
  ['too_large', ['1000000000000', '9'.repeat(100)]],
  ['too_many_digits', ['0.001', '1.005', '99.999']],
])('an amount in USD is refused as %s', (fault, texts) => {
  for (const text of texts) expect(parseAmount(text, 'USD')).toEqual({ fault });
});

test('a part of a yen and of a fils is refused, not rounded', () => {
  expect(parseAmount('10.5', 'JPY')).toEqual({ fault: 'too_many_digits' });
  expect(parseAmount('1.0005', 'KWD')).toEqual({ fault: 'too_many_digits' });
});

test('each code of the list is one that the platform knows a name for, and what has left it is none', () => {
  const names = new Intl.DisplayNames('en', { type: 'currency' });
  // Younger than the names that the platform has.
  const unnamed = currencies.filter((code) => names.of(code) === code && code !== 'XAD');
  expect(unnamed).toEqual([]);
  for (const code of ['HRK', 'BGN', 'ANG', 'ZWL', 'XAU', 'XXX', 'usd', '', 'constructor']) {
    expect(isCurrency(code)).toBe(false);
  }
});

test('an invoice in a currency that has left the list can still be shown', () => {
  expect(plain(formatMoney('12.50', 'HRK', 'en'))).toBe('HRK 12.50');
});

const amount = (currency: string) =>
  fc
    .tuple(fc.bigInt({ min: 0n, max: 999_999_999_999n }), fc.nat({ max: 10 ** digitsOf(currency) - 1 }))
    .map(([whole, part]) => {
      const digits = digitsOf(currency);
      return digits === 0 ? `${whole}` : `${whole}.${String(part).padStart(digits, '0')}`;
    });
const pair = fc
  .constantFrom(...currencies)
  .chain((currency) => fc.tuple(fc.constant(currency), amount(currency), amount(currency)));

test('what is added can be taken away again to the last digit, and order agrees with the difference', () => {
  fc.assert(
    fc.property(pair, ([currency, a, b]) => {
      expect(subtractAmounts(addAmounts(a, b, currency), b, currency)).toBe(a);
      const difference = subtractAmounts(a, b, currency);
      expect(compareAmounts(a, b, currency)).toBe(compareAmounts(difference, '0', currency));
      expect(difference.startsWith('-')).toBe(compareAmounts(a, b, currency) < 0);
    }),
    { numRuns: 2_000 },
  );
});

test('an amount is added from its column as from a request, and what is no amount is never counted as one', () => {
  expect(addAmounts('0.100000', '0.2', 'USD')).toBe('0.30');
  expect(subtractAmounts('5', '7.25', 'EUR')).toBe('-2.25');
  for (const text of ['', '1.005', 'x', '1e2']) expect(() => addAmounts(text, '1', 'USD')).toThrow(RangeError);
});

test('no digit of a shown amount is lost or made up', () => {
  fc.assert(
    fc.property(pair, ([currency, a]) => {
      const [digits] = /\d[\d,.]*$/.exec(formatMoney(a, currency, 'en')) ?? [];
      expect(digits?.replaceAll(',', '')).toBe(a);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['1234.5', 'USD', 'en', '$1,234.50'],
  ['1234.5', 'EUR', 'de', '1.234,50 €'],
  ['1500', 'JPY', 'ja', '￥1,500'],
  ['1.234', 'KWD', 'en', 'KWD 1.234'],
  ['100000', 'INR', 'hi_IN', '₹1,00,000.00'],
  ['999999999999.99', 'BRL', 'pt_BR', 'R$ 999.999.999.999,99'],
])('%s %s is written for %s as %s', (text, currency, locale, shown) => {
  expect(plain(formatMoney(text, currency, locale))).toBe(shown);
});

test('a locale that nobody knows is English, and one with a strange region its language', () => {
  expect(formatMoney('1.5', 'USD', 'xx')).toBe('$1.50');
  expect(formatMoney('1.5', 'USD', 'not a locale')).toBe('$1.50');
  expect(plain(formatMoney('1.5', 'EUR', 'de_ab_cd'))).toBe('1,50 €');
});
