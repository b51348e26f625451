import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addBusinessDays,
  businessCalendar,
  isBusinessDay,
  nearestBusinessDay,
} from '../../src/domain/business-days.ts';
import { dateOf, dayOf } from '../../src/domain/calendar-day.ts';

const day = (date: string) => dayOf(date) ?? Number.NaN;
const christmas = businessCalendar(['2026-12-25', '2026-12-28']);

test('weekends and holidays are passed over, both ways', () => {
  // A Thursday; Friday is a holiday, and so is Monday.
  expect(dateOf(addBusinessDays(day('2026-12-24'), 1, christmas))).toBe('2026-12-29');
  expect(dateOf(addBusinessDays(day('2026-12-29'), -2, christmas))).toBe('2026-12-23');
  expect(dateOf(nearestBusinessDay(day('2026-12-26'), -1, christmas))).toBe('2026-12-24');
  expect(dateOf(nearestBusinessDay(day('2026-12-24'), 1, christmas))).toBe('2026-12-24');
});

test('counting may begin on a day that does not count', () => {
  expect(dateOf(addBusinessDays(day('2026-11-28'), 1, christmas))).toBe('2026-11-30');
  expect(dateOf(addBusinessDays(day('2026-11-28'), -1, christmas))).toBe('2026-11-27');
});

test('a weekend may be Friday and Saturday', () => {
  const gulf = businessCalendar([], [5, 6]);
  // A Thursday.
  expect(dateOf(addBusinessDays(day('2026-11-26'), 1, gulf))).toBe('2026-11-29');
});

test('where no day is a business day each one counts, so that nothing waits for ever', () => {
  const never = businessCalendar([], [1, 2, 3, 4, 5, 6, 7]);
  expect(addBusinessDays(100, 3, never)).toBe(103);
  expect(nearestBusinessDay(100, -1, never)).toBe(100);
});

test('what is no date is no holiday', () => {
  expect(isBusinessDay(day('2026-12-25'), businessCalendar(['25.12.2026', '2026-02-31', '']))).toBe(true);
});

test('n business days on lie exactly n business days, and the day reached is the last of them', () => {
  const calendar = fc
    .tuple(fc.array(fc.integer({ min: 19_900, max: 20_100 }), { maxLength: 60 }), fc.subarray([1, 2, 3, 4, 5, 6]))
    .map(([holidays, weekend]) => businessCalendar(holidays.map(dateOf), weekend));
  fc.assert(
    fc.property(calendar, fc.integer({ min: 19_900, max: 20_100 }), fc.integer({ min: 1, max: 40 }), (cal, from, n) => {
      for (const count of [n, -n]) {
        const to = addBusinessDays(from, count, cal);
        const [first, last] = count > 0 ? [from + 1, to] : [to, from - 1];
        const between = Array.from({ length: last - first + 1 }, (_, index) => first + index);
        expect(between.filter((each) => isBusinessDay(each, cal))).toHaveLength(n);
        expect(isBusinessDay(to, cal)).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});
