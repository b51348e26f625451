import { addBusinessDays, nearestBusinessDay, type BusinessCalendar } from './business-days.ts';
import { dateOf, type CalendarDay } from './calendar-day.ts';
import { movedByCalendar, type Shift } from './reminder-shift.ts';
import type { ReminderTiming } from './reminder.ts';

/**
 * The day of a reminder. Business days are counted from the due day, which need not be one. A reminder of the due day
 * itself that must go on a business day goes before it, so that it does not come when something is overdue.
 */
export function reminderDay(
  { daysBeforeDue, businessDays }: ReminderTiming,
  due: CalendarDay,
  calendar: BusinessCalendar,
): { day: CalendarDay; shifts: Shift[] } {
  const plain = due - daysBeforeDue;
  if (!businessDays) return { day: plain, shifts: [] };
  const find = (kept: BusinessCalendar) =>
    daysBeforeDue === 0 ? nearestBusinessDay(due, -1, kept) : addBusinessDays(due, -daysBeforeDue, kept);
  const { at, shifts } = movedByCalendar(plain, calendar, find, dateOf);
  return { day: at, shifts };
}
