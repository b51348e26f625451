import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  grantablePermissions,
  keyAllows,
  permissionNouns,
  roleAllows,
  type Permission,
} from '../../src/domain/access.ts';

const needed = fc
  .tuple(fc.constantFrom(...permissionNouns), fc.constantFrom('read' as const, 'write' as const))
  .map(([noun, verb]): Permission => `${noun}:${verb}`);

test('a key may do what it was granted, alone or under a whole verb, and nothing else', () => {
  fc.assert(
    fc.property(fc.subarray([...grantablePermissions]), needed, (granted, permission) => {
      const verb = permission.endsWith(':read') ? 'read' : 'write';
      expect(keyAllows(granted, permission)).toBe(granted.some((word) => word === permission || word === verb));
    }),
  );
});

test('to write is not to read', () => {
  expect(keyAllows(['write'], 'flows:read')).toBe(false);
  expect(keyAllows(['otp:write'], 'otp:read')).toBe(false);
  expect(keyAllows(['read'], 'otp:write')).toBe(false);
});

test('each role may do all that the one below may', () => {
  const roles = ['viewer', 'member', 'admin', 'owner'] as const;
  const table = roles.map((role) => roles.map((wanted) => roleAllows(role, wanted)));
  expect(table).toEqual([
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});
