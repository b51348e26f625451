import { dateOf, dayOf, type CalendarDay } from './calendar-day.ts';
import { LAST_INSTANT } from './last-instant.ts';
import { intlLocale } from './locale.ts';
import { knownZone, wallClock } from './wall-clock.ts';

/** When something is to be paid: on a day, whatever the zone, or at an instant. */
export type DueDate = { kind: 'date'; date: string } | { kind: 'instant'; at: Date };
export type DueDateFault = 'malformed' | 'no_such_day' | 'out_of_range';

const clock = String.raw`T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)`;
const form = new RegExp(String.raw`^(\d{4}-\d\d-\d\d)(${clock})?$`);

/**
 * Reads a date `YYYY-MM-DD` or an instant of RFC 3339, of the years 1970 to 9999. One that has passed is as good as any
 * other: what becomes of its reminders their `catch_up` says.
 */
export function parseDueDate(text: string): { due: DueDate } | { fault: DueDateFault } {
  const [, date, time] = form.exec(text) ?? [];
  if (date === undefined) return { fault: 'malformed' };
  const day = dayOf(date);
  if (day === null) return { fault: 'no_such_day' };
  if (time === undefined) return day < 0 ? { fault: 'out_of_range' } : { due: { kind: 'date', date } };
  const at = new Date(text);
  if (at.getTime() < 0 || at > LAST_INSTANT) return { fault: 'out_of_range' };
  return { due: { kind: 'instant', at } };
}

/** The day on which it is due: of an instant, the one that the calendar shows in that zone, or in UTC if unknown. */
export function dueDay(due: DueDate, timeZone: string): CalendarDay {
  if (due.kind === 'instant') return wallClock(due.at, knownZone(timeZone)).day;
  const day = dayOf(due.date);
  if (day === null) throw new RangeError('not a date');
  return day;
}

/** As people of that locale write the day, in the calendar that they use; in English where nobody knows the locale. */
export function formatDueDate(due: DueDate, timeZone: string, locale: string): string {
  const midnight = new Date(`${dateOf(dueDay(due, timeZone))}T00:00:00Z`);
  return new Intl.DateTimeFormat(intlLocale(locale), { dateStyle: 'long', timeZone: 'UTC' }).format(midnight);
}
