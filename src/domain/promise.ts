import { dayOf } from './calendar-day.ts';
import { instantOf, knownZone, startOfDay } from './wall-clock.ts';

/** A promise to pay: until `endsAt` nothing reminds, and what was held is looked at again in the morning after. */
export type Promised = { endsAt: Date; morning: Date };

/** What a promised day `YYYY-MM-DD` means in a zone; `time` is the `HH:MM` of that morning. */
export function promiseOf(date: string, timeZone: string, time: string): Promised | null {
  const day = dayOf(date);
  if (day === null) return null;
  const zone = knownZone(timeZone);
  return { endsAt: new Date(startOfDay(day + 1, zone)), morning: instantOf(day + 1, time, zone).at };
}
