import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amountOf, minorOf } from '../../../src/adapters/stripe/amounts.ts';

/** From Stripe's page on currencies. */
test.each([
  [1000, 'USD', '10.00'],
  [5, 'USD', '0.05'],
  [500, 'JPY', '500'],
  [500, 'ISK', '5.00'],
  [500, 'UGX', '5.00'],
  [1045, 'HUF', '10.45'],
  [80_045, 'TWD', '800.45'],
  [500, 'MGA', '500'],
  [5120, 'KWD', '5.120'],
  [0, 'KWD', '0.000'],
])('%i in %s is %s', (minor, currency, amount) => {
  expect(amountOf(minor, currency)).toBe(amount);
  expect(minorOf(amount, currency)).toBe(minor);
});

test.each([
  ['5.124', 'KWD'],
  ['0.005', 'USD'],
  ['0.50', 'JPY'],
  ['5.50', 'ISK'],
  ['5.50', 'UGX'],
  ['1.5', 'MGA'],
  ['1e3', 'USD'],
  ['-1', 'USD'],
])('%s %s cannot be charged', (amount, currency) => {
  expect(minorOf(amount, currency)).toBeUndefined();
});

test('what Stripe charges comes back as what was asked', () => {
  const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'HUF', 'XOF');
  fc.assert(
    fc.property(currency, fc.integer({ min: 1, max: 99_999_999 }), (code, tens) => {
      const minor = code === 'KWD' ? tens * 10 : tens;
      expect(minorOf(amountOf(minor, code), code)).toBe(minor);
    }),
  );
});
