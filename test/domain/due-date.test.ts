import { expect, test } from '@jest/globals';
import { dateOf } from '../../src/domain/calendar-day.ts';
import { dueDay, formatDueDate, parseDueDate } from '../../src/domain/due-date.ts';

const due = (text: string) => {
  const parsed = parseDueDate(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.due;
};

test.each([
  ['malformed', ['', 'tomorrow', '2026-1-5', '20261124', '2026-11-24 ', '2026-11-24T09:00', '2026-11-24T09:00:00']],
  ['malformed', ['2026-11-24T24:00:00Z', '2026-11-24T09:60:00Z', '2026-11-24T09:00:00+25:00', '+002026-11-24']],
  ['no_such_day', ['2026-02-31', '2026-02-29', '2026-13-01', '2026-00-10', '2026-04-31', '2026-11-00', '2100-02-29']],
  ['no_such_day', ['2026-02-31T09:00:00Z', '1969-02-29']],
  ['out_of_range', ['1969-12-31', '0001-01-01', '1970-01-01T00:00:00+01:00', '9999-12-31T23:59:59-00:01']],
])('a due date is refused as %s', (fault, texts) => {
  for (const text of texts) expect([text, parseDueDate(text)]).toEqual([text, { fault }]);
});

test('the first and the last day there are, leap days and days long gone are due dates', () => {
  for (const date of ['1970-01-01', '9999-12-31', '2028-02-29', '2000-02-29', '2020-01-01']) {
    expect(due(date)).toEqual({ kind: 'date', date });
  }
});

test('an instant keeps its milliseconds and loses its offset', () => {
  expect(due('2026-11-24T09:30:00.123456+05:30')).toEqual({
    kind: 'instant',
    at: new Date('2026-11-24T04:00:00.123Z'),
  });
});

test('a date is the same day everywhere, and an instant the day that the calendar of the zone shows', () => {
  const days = (text: string) =>
    ['Pacific/Kiritimati', 'UTC', 'Pacific/Pago_Pago'].map((zone) => dateOf(dueDay(due(text), zone)));
  expect(days('2026-11-24')).toEqual(['2026-11-24', '2026-11-24', '2026-11-24']);
  expect(days('2026-11-24T10:30:00Z')).toEqual(['2026-11-25', '2026-11-24', '2026-11-23']);
  expect(dateOf(dueDay(due('2026-11-24T10:30:00Z'), 'Nowhere/Else'))).toBe('2026-11-24');
  expect(days('9999-12-31T23:59:59Z')[0]).toBe('+010000-01-01');
});

test.each([
  ['en', 'November 24, 2026'],
  ['en_GB', '24 November 2026'],
  ['de', '24. November 2026'],
  ['ja', '2026年11月24日'],
  ['xx', 'November 24, 2026'],
])('the day is written for %s as %s, and never slips to the one beside it', (locale, shown) => {
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    expect(formatDueDate(due('2026-11-24'), zone, locale)).toBe(shown);
  }
});
