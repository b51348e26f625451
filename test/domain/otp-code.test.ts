import { randomUUIDv7 } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createOtpCodes } from '../../src/domain/otp-code.ts';

const pepper = (byte: number) => Buffer.alloc(32, byte);
const codes = createOtpCodes(new Map([['k1', pepper(1)]]));
const claim = { tenantId: 1, phone: '+1234567890', purpose: 'signup', code: '123456' };

test('a passcode has six digits, and the same ones in every process and at every retry', () => {
  const again = createOtpCodes(new Map([['k1', pepper(1)]]));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.uuid(), (tenant, id) => {
      const code = codes.codeOf('k1', tenant, id);
      expect(code).toMatch(/^\d{6}$/);
      expect(again.codeOf('k1', tenant, id)).toBe(code);
    }),
  );
});

test('other rows, other tenants and other peppers have other codes', () => {
  const other = createOtpCodes(new Map([['k1', pepper(2)]]));
  const ids = Array.from({ length: 200 }, () => randomUUIDv7());
  const differing = (that: (id: string) => string) => ids.filter((id) => that(id) !== codes.codeOf('k1', 1, id)).length;
  expect(differing((id) => codes.codeOf('k1', 2, id))).toBeGreaterThan(190);
  expect(differing((id) => other.codeOf('k1', 1, id))).toBeGreaterThan(190);
  expect(new Set(ids.map((id) => codes.codeOf('k1', 1, id))).size).toBeGreaterThan(190);
});

test('every digit comes up equally often at every place', () => {
  const drawn = 20_000;
  const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0));
  for (let i = 0; i < drawn; i += 1) {
    // Ids in order, as rows have them; pepper and ids are fixed, and so is the outcome of this test.
    codes
      .codeOf('k1', 1, `row-${i}`)
      .split('')
      .forEach((digit, place) => {
        const row = counts[place] ?? [];
        row[Number(digit)] = (row[Number(digit)] ?? 0) + 1;
      });
  }
  for (const row of counts) {
    const chiSquare = row.reduce((sum, count) => sum + (count - drawn / 10) ** 2 / (drawn / 10), 0);
    // Nine degrees of freedom: above this lies one in a thousand.
    expect(chiSquare).toBeLessThan(27.9);
  }
});

test('what is stored of a code is bound to its tenant, phone and purpose', () => {
  const others = [
    claim,
    { ...claim, tenantId: 2 },
    { ...claim, phone: '+1234567891' },
    { ...claim, purpose: 'login' },
    { ...claim, code: '123457' },
    // Fields that run together must not be taken for one another.
    { ...claim, phone: '+123456789', purpose: '0signup' },
  ];
  const macs = others.map((one) => codes.macOf('k1', one).toString('hex'));
  expect(new Set(macs).size).toBe(others.length);
  expect(macs.some((mac) => mac.includes(claim.code))).toBe(false);
});

test('after a rotation new codes use the new pepper, and a code made under the old one is still accepted', () => {
  const rotated = createOtpCodes(
    new Map([
      ['k2', pepper(2)],
      ['k1', pepper(1)],
    ]),
  );
  expect(rotated.currentKid).toBe('k2');
  expect(rotated.codeOf('k1', 1, 'row')).toBe(codes.codeOf('k1', 1, 'row'));
  const accepted = rotated.macsOf(claim);
  expect(accepted).toHaveLength(2);
  expect(accepted).toContainEqual(codes.macOf('k1', claim));
});

test('a pepper that is gone is an error that names it, never a code from another one', () => {
  expect(() => codes.codeOf('k0', 1, 'row')).toThrow('k0');
  expect(() => codes.macOf('k0', claim)).toThrow('k0');
  expect(() => createOtpCodes(new Map())).toThrow('need a pepper');
});
