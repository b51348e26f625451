import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCommonPassword } from '../../src/domain/common-password.ts';
import { commonPasswords, commonWords } from '../../src/domain/common-passwords.ts';

const own = ['ann.lee77@shop.example', 'Ann Lee'];

test('the list has the more than thousand that are tried first', () => {
  expect(commonWords.size + commonPasswords.size).toBeGreaterThan(1_000);
  for (const password of [...commonWords, ...commonPasswords]) expect(isCommonPassword(password)).toBe(true);
});

test.each([
  'Password1!',
  'P@ssw0rd',
  'Summer2026!',
  '!!letmein',
  'monkeymonkey',
  'abcabcabc',
  '00000000',
  '19871231',
  '9876543210',
  'qwertyuiop',
  'poiuytrewq',
  '1qaz2wsx',
  'zxcvbnm,./',
  'Carillon-1',
  'correct horse battery staple',
  'ann.lee77',
  'leeLEE',
  'Shop1234',
])('%s is one of many', (password) => {
  expect(isCommonPassword(password, own)).toBe(true);
});

test.each([
  'giraffe-teapot-93',
  'tr0ub4dor&3x',
  'k7#xQ2mf',
  '827364519283',
  'dragon 7f3k9q2x',
  'annlees favourite tea',
  'Straße der Nachtigall',
])('%s is not', (password) => {
  expect(isCommonPassword(password, own)).toBe(false);
});

test('what is drawn at random is practically never refused, and nothing makes it fail', () => {
  let refused = 0;
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 12, maxLength: 200 }),
      fc.array(fc.string()),
      (password, names) => {
        if (isCommonPassword(password, names) && new Set(password).size > 5) refused += 1;
      },
    ),
  );
  expect(refused).toBeLessThan(3);
});
