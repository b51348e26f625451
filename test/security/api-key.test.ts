import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Deps } from '../../src/context.ts';
import { apiKeyMac, generateApiKey, macEquals, parseApiKey } from '../../src/security/api-key.ts';
import { holderOfKey } from '../../src/services/api-keys/authenticate.ts';

test('a key says what it is, and falls apart into the parts that it was made of', () => {
  const { key, keyId, secret } = generateApiKey();
  expect(key).toMatch(/^crl_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/);
  expect(parseApiKey(key)).toEqual({ keyId, secret });
});

test('no two keys are alike, and every letter of the alphabet comes up', () => {
  const keys = Array.from({ length: 500 }, () => generateApiKey());
  expect(new Set(keys.map(({ secret }) => secret)).size).toBe(500);
  expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(500);
  expect(new Set(keys.flatMap(({ secret }) => secret.split(''))).size).toBe(62);
});

test('a key with one letter changed, two swapped, or some missing is refused without asking the database', async () => {
  const { key } = generateApiKey();
  const untouchable = new Proxy({} as Deps, {
    get: () => {
      throw new Error('the database was asked');
    },
  });
  const mistyped = fc.oneof(
    fc.tuple(fc.nat(key.length - 1), fc.constantFrom('a', 'Z', '0', '_', '-', '.', ' ', 'é')).map(([at, letter]) => {
      return key.slice(0, at) + letter + key.slice(at + 1);
    }),
    fc.nat(key.length - 2).map((at) => key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2)),
    fc.nat(key.length - 1).map((at) => key.slice(0, at)),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(
      mistyped.filter((text) => text !== key),
      async (text) => {
        expect(parseApiKey(text)).toBeUndefined();
        await expect(holderOfKey(untouchable, text)).resolves.toBeUndefined();
      },
    ),
    { numRuns: 300 },
  );
});

test('what is stored of a key differs with the salt, the secret and the public id', () => {
  const [one, two] = [generateApiKey(), generateApiKey()];
  const salt = 'a salt of more than thirty-two characters';
  const macs = [
    apiKeyMac(salt, one),
    apiKeyMac(`${salt}!`, one),
    apiKeyMac(salt, { ...one, secret: two.secret }),
    apiKeyMac(salt, { ...one, keyId: two.keyId }),
  ];
  expect(new Set(macs.map((mac) => mac.toString('hex'))).size).toBe(macs.length);
  expect(macEquals(apiKeyMac(salt, one), apiKeyMac(salt, { ...one }))).toBe(true);
  expect(macEquals(apiKeyMac(salt, one), apiKeyMac(salt, two))).toBe(false);
  expect(macEquals(apiKeyMac(salt, one), apiKeyMac(salt, one).subarray(1))).toBe(false);
});
