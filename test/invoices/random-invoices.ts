import { Temporal } from 'temporal-polyfill';
import { text } from './biller.ts';

/** Numbers from 0 to below 1, the same ones for the same seed (Mulberry32). */
export function randomness(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    int,
    chance: (part: number): boolean => next() < part,
    pick: <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T,
  };
}
export type Randomness = ReturnType<typeof randomness>;

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];
/** How many reminders an invoice has: each costs the test as much as three of anything else. */
const counts = [0, 0, 1, 1, 1, 2, 2, 3, 4, 5];
const DAY = 86_400_000;
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** What a tenant may have set. Holidays lie in the days in which its invoices are due. */
export const randomSettings = (random: Randomness, since: number) => ({
  timezone: random.pick(zones),
  reminder_time: clock(random.int(0, 1_439)),
  jitter_seconds: random.pick([0, 0, 900, 7_200]),
  holidays: [...new Set(Array.from({ length: random.int(0, 40) }, () => dateOf(since + random.int(0, 400) * DAY)))],
  weekend: random.pick([[6, 7], [5, 6], [7], []]),
  quiet_hours: random.chance(0.7)
    ? { start: clock(random.int(1_080, 1_439)), end: clock(random.int(300, 660)), topics: ['reminders'] }
    : null,
});

/** The day on which the clocks of a zone are set next, or any where they never are. */
function dayOfChange(zone: string, from: number): number | undefined {
  const next = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  return next?.epochMilliseconds;
}

/** An invoice with none to five reminders, all of them more than a day ahead, and its contact's zone. */
export function randomInvoice(random: Randomness, since: number) {
  const zone = random.pick(zones);
  const change = random.chance(0.3) ? dayOfChange(zone, since + 80 * DAY) : undefined;
  const due = change ?? since + random.int(80, 340) * DAY + random.int(0, 1_439) * 60_000;
  const days = new Set(Array.from({ length: random.pick(counts) }, () => random.int(-30, 30)));
  if (change !== undefined && days.size > 0) days.add(0);
  return {
    contact: { timezone: random.pick(zones) },
    invoice: {
      timezone: random.chance(0.8) ? zone : undefined,
      due_date: random.chance(0.3) ? new Date(due - (due % 1_000)).toISOString() : dateOf(due),
      reminders: [...days].map((days_before_due) => ({
        days_before_due,
        message_template: text,
        business_days: random.chance(0.3),
        catch_up: random.pick(['drop', 'send_once', 'shift']),
        ...(random.chance(0.7) && {
          send_at_time: clock(random.chance(0.4) ? random.int(60, 210) : random.int(0, 1_439)),
        }),
      })),
    },
  };
}
