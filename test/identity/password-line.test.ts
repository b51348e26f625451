import { expect, test } from '@jest/globals';
import { inPasswordLine } from '../../src/services/users/password-line.ts';

const HOSTILE = '192.0.2.1';

test('a client who fills the line takes it from nobody: others are let in and have their turn', async () => {
  const begun: string[] = [];
  const held = Promise.withResolvers<void>();
  const come = (address: string) =>
    inPasswordLine(address, async () => {
      begun.push(address);
      await held.promise;
    });
  const flood = Promise.allSettled(Array.from({ length: 200 }, () => come(HOSTILE)));
  const guests = ['198.51.100.1', '198.51.100.2', '2001:db8::1'];
  const served = Promise.all(guests.map(come));
  held.resolve();
  await served;
  // Four were under way, and one more had come before the guests.
  expect(begun.slice(0, 8)).toEqual([HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, ...guests]);
  const outcomes = await flood;
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(4 + 64 - guests.length);
  const refusal = outcomes.find(({ status }) => status === 'rejected');
  expect(refusal).toMatchObject({ reason: { code: 'overloaded', retryAfterSeconds: 2 } });
});

test('a line that many clients fill refuses whoever comes then, and is empty again afterwards', async () => {
  const held = Promise.withResolvers<void>();
  const come = (address: string) => inPasswordLine(address, () => held.promise);
  const first = Promise.allSettled(Array.from({ length: 4 + 64 }, (_, n) => come(`203.0.113.${n}`)));
  await expect(come('198.51.100.1')).rejects.toMatchObject({ code: 'overloaded' });
  held.resolve();
  expect((await first).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(await inPasswordLine(HOSTILE, async () => 'served')).toBe('served');
});
