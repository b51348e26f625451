import type { CatchUp } from './catch-up.ts';

/** When a reminder is to be sent, in terms of the day on which something is due. */
export type ReminderTiming = {
  /** Below zero: after it is due. */
  daysBeforeDue: number;
  /** `HH:MM` in the zone of the plan; null for the time that the plan has for all. */
  sendAtTime: string | null;
  /** Its days are business days: they alone are counted, and it is sent on one. */
  businessDays: boolean;
};

export type Reminder = ReminderTiming & { id: string; catchUp: CatchUp };

export const MAX_REMINDERS = 20;
/** How far from the due date a reminder may be, either way. */
export const MAX_DAYS = 3_650;

/**
 * The places in the list of the first two reminders that say the same thing, or null. `defaultTime` is the time of
 * those that have none of their own: `HH:MM`, or finer, as others cannot say it.
 */
export function equalReminders(
  reminders: readonly ReminderTiming[],
  defaultTime: string,
): [first: number, second: number] | null {
  const seen = new Map<string, number>();
  for (const [place, { daysBeforeDue, sendAtTime, businessDays }] of reminders.entries()) {
    const timing = `${daysBeforeDue} ${sendAtTime ?? defaultTime} ${businessDays}`;
    const first = seen.get(timing);
    if (first !== undefined) return [first, place];
    seen.set(timing, place);
  }
  return null;
}
