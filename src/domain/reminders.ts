import { firstAllowed } from './allowed-time.ts';
import { businessCalendar } from './business-days.ts';
import { lapseOf } from './catch-up.ts';
import { dueDay, type DueDate } from './due-date.ts';
import { withJitter } from './jitter.ts';
import { LAST_INSTANT } from './last-instant.ts';
import type { QuietTime } from './quiet-hours.ts';
import { reminderDay } from './reminder-day.ts';
import { promiseOf, type Promised } from './promise.ts';
import { moved, type Shift, type ShiftReason } from './reminder-shift.ts';
import type { Reminder } from './reminder.ts';
import { instantOf, knownZone, wallClock } from './wall-clock.ts';

export type ReminderPlan = {
  reminders: readonly Reminder[];
  due: DueDate;
  /** The contact's zone, else the tenant's; one that nobody knows is taken for UTC. */
  timeZone: string;
  /** `YYYY-MM-DD`, for reminders with `businessDays`. */
  holidays: readonly string[];
  /** From 1 for Monday; Saturday and Sunday when absent. */
  weekend?: readonly number[] | undefined;
  /** The tenant's, when they hold for the topic of reminders. */
  quietHours: QuietTime | null;
  /** Where the one lives who is not to be woken, when that is another zone than the plan's. */
  quietZone?: string | undefined;
  /** The window within which reminders of the same time are spread; 0 for none. The id of a reminder is its key. */
  jitterSeconds: number;
  /** `HH:MM` for reminders without a time, when it is due on a date. When it is due at an instant, they go at its time. */
  defaultTime: string;
  /** `YYYY-MM-DD` until whose end, in the zone of the plan, nothing reminds: somebody has promised to pay. */
  promisedFor?: string | null | undefined;
  now: Date;
};

export type PlannedReminder = { reminder: string; at: Date; shifts: Shift[] } & (
  | { outcome: 'planned' }
  /**
   * It will not be sent. `at` is when it would have been; `out_of_range` is after the year 9999, and at the `same_time`
   * another one is.
   */
  | { outcome: 'missed'; reason: 'too_late' | 'superseded' | 'out_of_range' | 'promised' | 'same_time' }
);

/**
 * When each reminder is sent, and why then; in order of that instant, and of ids within one. It never throws for what
 * passed `parseDueDate`, `MAX_DAYS` and a check of times. Runs in services and activities, not in workflows: it carries
 * a calendar that each workflow would hold in memory.
 */
export function planReminders(plan: ReminderPlan): PlannedReminder[] {
  const place = placement(plan);
  const onTheirDays = plan.reminders.map((reminder): Placed => ({
    reminder: reminder.id,
    of: reminder,
    ...place.onItsDay(reminder),
  }));
  const promise = plan.promisedFor ? promiseOf(plan.promisedFor, plan.timeZone, plan.defaultTime) : null;
  const placed = promise ? onTheirDays.map(heldBy(promise, onTheirDays, place)) : onTheirDays;
  const late = placed.filter(({ at, gone }) => !gone && at < plan.now).toSorted(byInstant);
  // What is dropped itself takes the place of nothing.
  const newest = late.findLast(({ of }) => of.catchUp !== 'drop');
  return placed
    .map((one): PlannedReminder => {
      const { reminder, at, shifts } = one;
      if (one.gone) return { reminder, at, shifts, outcome: 'missed', reason: 'promised' };
      if (at > LAST_INSTANT) {
        return { reminder, at: LAST_INSTANT, shifts: [], outcome: 'missed', reason: 'out_of_range' };
      }
      if (at >= plan.now) return { reminder, at, shifts, outcome: 'planned' };
      const newerIsDue = newest !== undefined && newest !== one;
      const reason = lapseOf({ catchUp: one.of.catchUp, latestUsefulAt: at, newerIsDue, now: plan.now });
      if (reason) return { reminder, at, shifts, outcome: 'missed', reason };
      const caughtUp = place.laterThan(one.of, one, { reason: 'catch_up', at: plan.now });
      return { reminder, ...caughtUp, outcome: 'planned' };
    })
    .toSorted(byInstant);
}

type Place = { at: Date; shifts: Shift[] };
type Placed = Place & { reminder: string; of: Reminder; gone?: boolean };

/** What a promise does to a reminder: of those that it holds, each `catch_up` says what is left in the morning after. */
function heldBy({ endsAt, morning }: Promised, all: Placed[], place: ReturnType<typeof placement>) {
  const newest = all
    .filter(({ at, of }) => at <= morning && of.catchUp !== 'drop')
    .toSorted(byInstant)
    .at(-1);
  return (one: Placed): Placed => {
    if (one.at >= endsAt) return one;
    const { catchUp } = one.of;
    if (catchUp === 'drop' || (catchUp === 'send_once' && one !== newest)) return { ...one, gone: true };
    return { ...one, ...place.laterThan(one.of, one, { reason: 'promised', at: morning }) };
  };
}

/** Finds the place of one reminder in the time of a plan. */
function placement(plan: ReminderPlan) {
  const { due, quietHours } = plan;
  const timeZone = knownZone(plan.timeZone);
  const quietZone = knownZone(plan.quietZone ?? plan.timeZone);
  const calendar = businessCalendar(plan.holidays, plan.weekend);
  const dueOn = dueDay(due, timeZone);
  const dueTime = due.kind === 'instant' ? wallClock(due.at, timeZone).time : plan.defaultTime;

  const settled = ({ id, businessDays }: Reminder, start: Place): Place => {
    const allowed = firstAllowed(start.at, {
      timeZone,
      quietHours,
      quietZone,
      calendar: businessDays ? calendar : null,
    });
    const at = withJitter(allowed.at, id, { seconds: plan.jitterSeconds, timeZone, quietHours, quietZone });
    return { at, shifts: [...start.shifts, ...allowed.shifts, ...moved('jitter', allowed.at, at)] };
  };

  return {
    onItsDay(reminder: Reminder): Place {
      const { day, shifts } = reminderDay(reminder, dueOn, calendar);
      // Of a time that the clocks show twice it may be the second: the instant itself says which.
      if (due.kind === 'instant' && reminder.sendAtTime === null && day === dueOn) {
        return settled(reminder, { at: due.at, shifts });
      }
      const { at, clocks, wall } = instantOf(day, reminder.sendAtTime ?? dueTime, timeZone);
      const set: Shift[] = clocks === 'plain' ? [] : [{ reason: clocks, from: wall, to: at.toISOString() }];
      return settled(reminder, { at, shifts: [...shifts, ...set] });
    },
    laterThan: (reminder: Reminder, missed: Place, { reason, at }: { reason: ShiftReason; at: Date }): Place =>
      settled(reminder, { at, shifts: [...missed.shifts, ...moved(reason, missed.at, at)] }),
  };
}

const byInstant = (a: { at: Date; reminder: string }, b: { at: Date; reminder: string }): number =>
  a.at.getTime() - b.at.getTime() || (a.reminder < b.reminder ? -1 : a.reminder > b.reminder ? 1 : 0);
