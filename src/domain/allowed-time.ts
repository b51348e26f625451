import { nearestBusinessDay, type BusinessCalendar } from './business-days.ts';
import { quietUntil, type QuietTime } from './quiet-hours.ts';
import { moved, movedByCalendar, type Shift } from './reminder-shift.ts';
import { instantOf, wallClock } from './wall-clock.ts';

/**
 * When something may be sent: not in quiet hours, which are somebody's in another zone perhaps, and, where there is a
 * calendar, on a business day.
 */
export type AllowedTime = {
  timeZone: string;
  quietHours: QuietTime | null;
  quietZone?: string | undefined;
  calendar: BusinessCalendar | null;
};

/** The first allowed instant from one on, and what moved it. */
export function firstAllowed(from: Date, allowed: AllowedTime): { at: Date; shifts: Shift[] } {
  const shifts: Shift[] = [];
  let at = from;
  // The end of quiet hours may fall on a holiday; after that nothing moves it but clocks that are set on that very day.
  for (let turns = 0; turns < 4; turns++) {
    const awake =
      (allowed.quietHours && quietUntil(allowed.quietHours, allowed.quietZone ?? allowed.timeZone, at)) ?? at;
    const open = firstOpen(awake, allowed);
    shifts.push(...moved('quiet_hours', at, awake), ...open.shifts);
    if (open.at.getTime() === at.getTime()) break;
    at = open.at;
  }
  return { at, shifts };
}

/** The same time of day on the first business day. */
function firstOpen(from: Date, { timeZone, calendar }: AllowedTime): { at: Date; shifts: Shift[] } {
  if (!calendar) return { at: from, shifts: [] };
  const { day, time } = wallClock(from, timeZone);
  const on = (to: number) => (to === day ? from : instantOf(to, time, timeZone).at);
  return movedByCalendar(
    from,
    calendar,
    (kept) => on(nearestBusinessDay(day, 1, kept)),
    (at) => at.toISOString(),
  );
}
