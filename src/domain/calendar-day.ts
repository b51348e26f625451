/** A day of the calendar, without a time or a zone: days since 1970-01-01. */
export type CalendarDay = number;

const DAY_MS = 86_400_000;

/** The day of a date `YYYY-MM-DD`, or null where there is none: 31 February, or a text of another form. */
export function dayOf(date: string): CalendarDay | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return null;
  const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
  // Some readers of dates take 31 February for 3 March.
  return Number.isNaN(day) || dateOf(day) !== date ? null : day;
}

/** `YYYY-MM-DD`, and `+YYYYYY-MM-DD` after the year 9999. */
export const dateOf = (day: CalendarDay): string => new Date(day * DAY_MS).toISOString().split('T', 1)[0] ?? '';

/** From 1 for Monday to 7 for Sunday. */
export const weekdayOf = (day: CalendarDay): number => ((((day + 3) % 7) + 7) % 7) + 1;
