import type { Ctx } from '../../context.ts';
import type { Reminder } from '../../entities/reminder.ts';
import type { Replanned } from './plan.ts';
import { takeBack } from './take-back.ts';

/** Why a reminder stayed behind: another one of its invoice leaves at that instant. */
export const SAME_TIME = 'same_time';

/**
 * Schedules those again that stayed behind for another one and whose time is still ahead: where that goes elsewhere, or
 * not at all, they leave after all. Among `reminders` they are marked; the caller plans all of them anew and then has
 * `told` say what has changed for them.
 */
export async function reconsider(ctx: Ctx, invoiceId: string, reminders: readonly Reminder[], now: Date) {
  const behind = new Map(
    reminders
      .filter(({ status, plannedAt }) => status === 'missed' && plannedAt && plannedAt > now)
      .map((one) => [one.id, one.endedAt]),
  );
  if (behind.size > 0) {
    await takeBack(ctx, invoiceId, { status: 'missed', reasons: [SAME_TIME], ids: [...behind.keys()] });
  }
  const back = reminders.filter(({ id, status }) => behind.has(id) && status === 'scheduled');
  // Nothing of it was planned for now, so what it is planned for from here on is a change.
  for (const reminder of back) reminder.plannedAt = null;
  return {
    any: back.length > 0,
    /** What stays behind once more has done so since it did first, and nothing has changed. */
    told(changes: Replanned[]): Replanned[] {
      const again = new Set(back.filter(({ status }) => status === 'missed').map(({ id }) => id));
      for (const reminder of back) if (again.has(reminder.id)) reminder.endedAt = behind.get(reminder.id) ?? null;
      return changes.filter(({ id, to }) => to !== null || !again.has(id));
    },
  };
}
