import { Temporal } from 'temporal-polyfill';
import type { CalendarDay } from './calendar-day.ts';
import { isTimeZone } from './quiet-hours.ts';

const EPOCH = Temporal.PlainDate.from('1970-01-01');

/** The zone itself, or UTC for one that a row still has and nobody knows: nothing may wait for ever because of it. */
export const knownZone = (timeZone: string): string => (isTimeZone(timeZone) ? timeZone : 'UTC');

/** What the clocks of a zone show at an instant; `time` is `HH:MM:SS`, and finer where the instant is. */
export function wallClock(at: Date, timeZone: string): { day: CalendarDay; time: string } {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  return { day: EPOCH.until(local.toPlainDate()).days, time: local.toPlainTime().toString() };
}

/** `wall` is the day and time that was asked for, as `2026-03-29T02:30:00`. */
export type WallInstant = { at: Date; clocks: 'plain' | 'dst_gap' | 'dst_fold'; wall: string };

/**
 * When the clocks of a zone show that time (`HH:MM`) on that day. A time that they skip is taken as much later as they
 * are set forward (`dst_gap`; a zone may skip a whole day), and of one that they show twice the first (`dst_fold`).
 */
export function instantOf(day: CalendarDay, time: string, timeZone: string): WallInstant {
  const wall = EPOCH.add({ days: day }).toPlainDateTime(Temporal.PlainTime.from(time));
  const earlier = wall.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const once = earlier.epochMilliseconds === later.epochMilliseconds;
  const twice = !once && earlier.toPlainDateTime().equals(wall);
  return {
    at: new Date(once || twice ? earlier.epochMilliseconds : later.epochMilliseconds),
    clocks: once ? 'plain' : twice ? 'dst_fold' : 'dst_gap',
    wall: wall.toString(),
  };
}

/** When the clocks of a zone come to that time on that day, first and last; the same instant but where they are set. */
export function instantsOf(day: CalendarDay, time: string, timeZone: string): [first: number, last: number] {
  const wall = EPOCH.add({ days: day }).toPlainDateTime(Temporal.PlainTime.from(time));
  const at = (disambiguation: 'earlier' | 'later') =>
    wall.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
  return [at('earlier'), at('later')];
}

/** When a day begins in a zone, which is not midnight where the clocks skip it. */
export const startOfDay = (day: CalendarDay, timeZone: string): number =>
  EPOCH.add({ days: day }).toZonedDateTime(timeZone).epochMilliseconds;
