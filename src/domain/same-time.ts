import type { Reminder } from './reminder.ts';
import type { PlannedReminder } from './reminders.ts';

/** `byHand`: a person has put it where it is. */
export type Rival = Reminder & { byHand: boolean };

/** When a reminder leaves, or left, and what moved it there. */
export type Placed = { at: Date; shifts: readonly { reason: string; from: string; to: string }[] };

/**
 * Of reminders that calendars, quiet hours, zones or a person would have leave at one instant, all but one stay behind:
 * nobody is written to twice at once. The one by hand leaves, else the one whose own day and time are the latest. The
 * instant is that before the jitter, which spreads the load and makes no two of one. What is due, or has left (`left`),
 * stays what it is, and keeps those of its instant behind that the jitter would have leave after it. Of those that say
 * `shift`, what was missed or promised leaves each by itself.
 */
export function oneAtATime(
  planned: readonly PlannedReminder[],
  rivals: readonly Rival[],
  { defaultTime, now, left }: { defaultTime: string; now: Date; left: readonly Placed[] },
): PlannedReminder[] {
  const of = new Map(rivals.map((rival) => [rival.id, rival]));
  const competes = (one: PlannedReminder): boolean => one.outcome === 'planned' && !each(one, of);
  const leaves = (one: PlannedReminder): boolean => competes(one) && one.at > now;
  const taken = new Set([...left, ...planned.filter((one) => competes(one) && one.at <= now)].map(unspread));
  const last = new Map<string, Rival>();
  for (const one of planned.filter(leaves)) {
    const [at, rival] = [unspread(one), of.get(one.reminder)];
    if (rival && !outranks(last.get(at), rival, defaultTime)) last.set(at, rival);
  }
  return planned.map((one): PlannedReminder => {
    const at = unspread(one);
    if (!leaves(one) || (!taken.has(at) && last.get(at)?.id === one.reminder)) return one;
    return { reminder: one.reminder, at: one.at, shifts: one.shifts, outcome: 'missed', reason: 'same_time' };
  });
}

const late = ['catch_up', 'promised'];

const each = ({ reminder, shifts }: PlannedReminder, of: ReadonlyMap<string, Rival>): boolean =>
  of.get(reminder)?.catchUp === 'shift' && shifts.some(({ reason }) => late.includes(reason));

function unspread({ at, shifts }: Placed): string {
  const last = shifts.at(-1);
  return last?.reason === 'jitter' ? last.from : at.toISOString();
}

function outranks(one: Rival | undefined, other: Rival, defaultTime: string): boolean {
  if (!one) return false;
  if (one.byHand !== other.byHand) return one.byHand;
  if (one.daysBeforeDue !== other.daysBeforeDue) return one.daysBeforeDue < other.daysBeforeDue;
  const [time, otherTime] = [one.sendAtTime ?? defaultTime, other.sendAtTime ?? defaultTime];
  return time === otherTime ? one.id > other.id : time > otherTime;
}
