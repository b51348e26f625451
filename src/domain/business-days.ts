import { dayOf, weekdayOf, type CalendarDay } from './calendar-day.ts';

export type BusinessCalendar = { holidays: ReadonlySet<CalendarDay>; weekend: ReadonlySet<number> };

/** Saturday and Sunday, counted from 1 for Monday. */
export const defaultWeekend: readonly number[] = [6, 7];

/** `holidays` are dates `YYYY-MM-DD`; what is no date is passed over. */
export const businessCalendar = (
  holidays: readonly string[],
  weekend: readonly number[] = defaultWeekend,
): BusinessCalendar => ({
  holidays: new Set(holidays.map(dayOf).filter((day) => day !== null)),
  weekend: new Set(weekend),
});

export const isBusinessDay = (day: CalendarDay, { holidays, weekend }: BusinessCalendar): boolean =>
  !weekend.has(weekdayOf(day)) && !holidays.has(day);

/** Who has no business day for so long has none: each day counts as one, so that nothing waits for ever. */
const LONGEST_BREAK_DAYS = 366;

/** That day, or the nearest business day after it (`direction` 1) or before it (-1). */
export function nearestBusinessDay(day: CalendarDay, direction: 1 | -1, calendar: BusinessCalendar): CalendarDay {
  for (let days = 0; days <= LONGEST_BREAK_DAYS; days++) {
    const candidate = day + days * direction;
    if (isBusinessDay(candidate, calendar)) return candidate;
  }
  return day;
}

/** The business day that is so many after a day, which need not be one itself; before it where `count` is negative. */
export function addBusinessDays(day: CalendarDay, count: number, calendar: BusinessCalendar): CalendarDay {
  const direction = count < 0 ? -1 : 1;
  let reached = day;
  for (let left = Math.abs(count); left > 0; left--) {
    reached = nearestBusinessDay(reached + direction, direction, calendar);
  }
  return reached;
}
