import type { ReminderTiming } from './reminder.ts';

/** `3 days before due, at 09:30 Europe/Berlin`. Without a time of its own or of the plan: `…, at the time it is due`. */
export function wordReminder(
  timing: ReminderTiming,
  { timeZone, defaultTime }: { timeZone: string; defaultTime: string | null },
): string {
  const time = timing.sendAtTime ?? defaultTime;
  return `${wordDay(timing)}, at ${time === null ? 'the time it is due' : `${time} ${timeZone}`}`;
}

/** `reminder 2 of 3, 3 days before due`, or `…, moved by hand`: for summaries of timers, which hold nothing that a person wrote. */
export const summarizeReminder = (
  timing: ReminderTiming,
  { position, count, movedByHand = false }: { position: number; count: number; movedByHand?: boolean },
): string => `reminder ${position} of ${count}, ${movedByHand ? 'moved by hand' : wordDay(timing)}`;

function wordDay({ daysBeforeDue, businessDays }: ReminderTiming): string {
  const days = Math.abs(daysBeforeDue);
  if (days === 0) return businessDays ? 'on the due date or the business day before' : 'on the due date';
  const unit = `${businessDays ? 'business ' : ''}day${days === 1 ? '' : 's'}`;
  return `${days} ${unit} ${daysBeforeDue > 0 ? 'before' : 'after'} due`;
}
