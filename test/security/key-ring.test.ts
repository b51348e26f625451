import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createKeyRing } from '../../src/security/key-ring.ts';

const [old, fresh] = [randomBytes(32), randomBytes(32)];
const ring = createKeyRing(new Map([['k1', old]]));
const refusal = /unable to authenticate data|Invalid authentication tag/;
const place = '1/channels/credentials/a';

test('what was sealed opens as it was, and twice the same text is never sealed alike', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (plain, where) => {
      const [one, two] = [ring.seal(where, plain), ring.seal(where, plain)];
      expect(ring.open(where, one)).toBe(plain);
      // A few bytes may come out alike by chance.
      expect(one.data === two.data && plain.length > 4).toBe(false);
      expect(one.nonce).not.toBe(two.nonce);
    }),
  );
});

test('a sealed value moved to another row, column or tenant does not open', () => {
  const sealed = ring.seal(place, 'secret');
  for (const other of ['2/channels/credentials/a', '1/channels/credentials/b', '1/connections/credentials/a', '']) {
    expect(() => ring.open(other, sealed)).toThrow(refusal);
  }
});

test('a changed bit of ciphertext, tag or nonce, or a shortened tag, does not open', () => {
  const sealed = ring.seal(place, 'secret');
  const flip = (text: string) => {
    const bytes = Buffer.from(text, 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  for (const part of ['data', 'tag', 'nonce'] as const) {
    expect(() => ring.open(place, { ...sealed, [part]: flip(sealed[part]) })).toThrow(refusal);
  }
  const short = Buffer.from(sealed.tag, 'base64').subarray(0, 4).toString('base64');
  expect(() => ring.open(place, { ...sealed, tag: short })).toThrow(refusal);
  expect(() => ring.open(place, { ...sealed, data: '' })).toThrow(refusal);
});

test('after a rotation the new key seals, and the old one still opens what it sealed', () => {
  const rotated = createKeyRing(
    new Map([
      ['k2', fresh],
      ['k1', old],
    ]),
  );
  expect(rotated.seal(place, 'secret').kid).toBe('k2');
  expect(rotated.open(place, ring.seal(place, 'secret'))).toBe('secret');
});

test('a value under a key that the ring does not have says which key is missing', () => {
  const without = createKeyRing(new Map([['k2', fresh]]));
  expect(() => without.open(place, ring.seal(place, 'secret'))).toThrow('has no key k1');
  expect(() => createKeyRing(new Map())).toThrow('needs a key');
});

test('a key id alone opens nothing: the same name with another key is refused', () => {
  const impostor = createKeyRing(new Map([['k1', fresh]]));
  expect(() => impostor.open(place, ring.seal(place, 'secret'))).toThrow(refusal);
});

test('a value is found by the MAC that it had before a rotation', () => {
  const rotated = createKeyRing(
    new Map([
      ['k2', fresh],
      ['k1', old],
    ]),
  );
  expect(rotated.macs('phone', '+49151')).toEqual([rotated.mac('phone', '+49151'), ring.mac('phone', '+49151')]);
  expect(rotated.macs('phone', '+49151')).not.toEqual(rotated.macs('other', '+49151'));
  expect(new Set(rotated.macs('phone', '+49151')).size).toBe(2);
});
