import { expect, test } from '@jest/globals';
import { hashPassword, passwordMatches } from '../../src/security/password.ts';

test('a password is kept as argon2id with its cost and a salt of its own', async () => {
  const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/);
  expect(Number(/m=(\d+)/.exec(one)?.[1])).toBeGreaterThanOrEqual(19_456);
  expect(Number(/t=(\d+)/.exec(one)?.[1])).toBeGreaterThanOrEqual(2);
  expect(one).not.toBe(two);
});

test('the right password matches and every other one does not', async () => {
  const kept = await hashPassword('correct horse');
  expect(await passwordMatches('correct horse', kept)).toBe(true);
  for (const wrong of ['correct hors', 'Correct horse', '', 'correct horse ']) {
    expect(await passwordMatches(wrong, kept)).toBe(false);
  }
});

test('a user who does not exist has no password, not even that of the hash which is checked in its place', async () => {
  expect(await passwordMatches('correct horse', undefined)).toBe(false);
  expect(await passwordMatches('a user who does not exist', undefined)).toBe(false);
});
