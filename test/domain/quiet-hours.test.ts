import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quietUntil } from '../../src/domain/quiet-hours.ts';

const night = { start: '21:00', end: '08:00' };
const until = (zone: string, now: string, quiet = night) =>
  quietUntil(quiet, zone, new Date(now))?.toISOString() ?? null;

test.each([
  ['in the evening, until the next morning', 'Europe/Berlin', '2026-11-24T20:30:00Z', '2026-11-25T07:00:00.000Z'],
  ['after midnight, until the same morning', 'Europe/Berlin', '2026-11-25T02:00:00Z', '2026-11-25T07:00:00.000Z'],
  ['by the clock of the contact', 'Asia/Kolkata', '2026-11-24T16:00:00Z', '2026-11-25T02:30:00.000Z'],
  ['over the night that is an hour longer', 'Europe/Berlin', '2026-10-24T20:00:00Z', '2026-10-25T07:00:00.000Z'],
  ['over the night that is an hour shorter', 'Europe/Berlin', '2026-03-28T21:00:00Z', '2026-03-29T06:00:00.000Z'],
])('it is quiet %s', (_when, zone, now, end) => {
  expect(until(zone, now)).toBe(end);
});

test('a zone that nobody knows is taken for UTC, so that no message waits for ever', () => {
  for (const zone of ['IST', 'Nowhere/Else', ''])
    expect(until(zone, '2026-11-24T22:00:00Z')).toBe('2026-11-25T08:00:00.000Z');
});

test('it is quiet from the first minute on, and not in the last', () => {
  expect(until('UTC', '2026-11-24T20:59:59Z')).toBeNull();
  expect(until('UTC', '2026-11-24T21:00:00Z')).not.toBeNull();
  expect(until('UTC', '2026-11-25T08:00:00Z')).toBeNull();
});

test('an end that the clocks skip is when they have skipped it, and one that they repeat is the next', () => {
  const early = { start: '01:00', end: '02:30' };
  expect(until('Europe/Berlin', '2026-03-29T00:30:00Z', early)).toBe('2026-03-29T01:30:00.000Z');
  // 02:10 for the second time.
  expect(until('Europe/Berlin', '2026-10-25T01:10:00Z', early)).toBe('2026-10-25T01:30:00.000Z');
  // 02:30 for the first time, after the first end: the clocks are set back to it.
  const nearlyAll = { start: '02:04', end: '02:00' };
  expect(until('Europe/Berlin', '2026-10-25T00:30:00Z', nearlyAll)).toBe('2026-10-25T01:00:00.000Z');
});

test('the end always lies ahead, and it is not quiet then', () => {
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia');
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zone, time, time, at, (name, start, end, now) => {
      fc.pre(start !== end);
      const ends = quietUntil({ start, end }, name, now);
      if (!ends) return;
      expect(ends.getTime()).toBeGreaterThan(now.getTime());
      expect(ends.getTime() - now.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
    }),
  );
});
