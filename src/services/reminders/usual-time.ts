import { knownZone, wallClock } from '../../domain/wall-clock.ts';
import type { Invoice } from '../../entities/invoice.ts';

/** When those without a time go: what is due at an instant reminds at its time, as the clocks of that zone show it. */
export const usualTime = ({ dueAt }: Pick<Invoice, 'dueAt'>, timeZone: string, reminderTime: string): string =>
  dueAt ? wallClock(dueAt, knownZone(timeZone)).time.replace(/^(\d\d:\d\d):00$/, '$1') : reminderTime;
