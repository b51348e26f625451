import type { BusinessCalendar } from './business-days.ts';

export const shiftReasons = [
  'weekend',
  'holiday',
  'dst_gap',
  'dst_fold',
  'quiet_hours',
  'jitter',
  'catch_up',
  'promised',
] as const;
export type ShiftReason = (typeof shiftReasons)[number];

/**
 * Why a reminder is not sent when its days and its time alone would have it, in the order in which it came to that.
 * `from` and `to` are days `YYYY-MM-DD` as long as only the day was looked for; where the clocks are set, `from` is the
 * local time that was asked for, without an offset (`2026-03-29T02:30:00`); all else are instants of RFC 3339 in UTC.
 * Of instants each begins where the one before ended, and the last is when the reminder is sent.
 */
export type Shift = { reason: ShiftReason; from: string; to: string };

export const moved = (reason: ShiftReason, from: Date, to: Date): Shift[] =>
  from.getTime() === to.getTime() ? [] : [{ reason, from: from.toISOString(), to: to.toISOString() }];

/** Where a calendar leads, in at most two steps: first as if there were weekends alone, then with the holidays. */
export function movedByCalendar<T>(
  from: T,
  calendar: BusinessCalendar,
  find: (calendar: BusinessCalendar) => T,
  write: (place: T) => string,
): { at: T; shifts: Shift[] } {
  const at = find(calendar);
  const places = [from, find({ ...calendar, holidays: new Set() }), at].map(write);
  const [plain = '', noHolidays = '', reached = ''] = places;
  const steps: Shift[] = [
    { reason: 'weekend', from: plain, to: noHolidays },
    { reason: 'holiday', from: noHolidays, to: reached },
  ];
  return { at, shifts: steps.filter((step) => step.from !== step.to) };
}
