import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTimeZone } from '../../src/domain/quiet-hours.ts';
import type { Reminder } from '../../src/domain/reminder.ts';
import { planReminders, type ReminderPlan } from '../../src/domain/reminders.ts';
import { clockChange, instantsOfWall, wallAt } from './intl-clock.ts';

/**
 * Plans in every zone that the platform knows, half of them around a day on which its clocks are set, beside what the
 * clocks that `Intl` shows say. A failure prints its seed.
 */
const DAY = 86_400_000;
const MINUTE = 60_000;
const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

const timeZone = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...zones) },
  {
    weight: 1,
    // Half an hour of summer time, a skipped day, a summer time that pauses, and offsets of 45 minutes.
    arbitrary: fc.constantFrom(
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Africa/Casablanca',
      'Asia/Tehran',
      'Asia/Kolkata',
      'Pacific/Chatham',
      'America/St_Johns',
      'America/Havana',
    ),
  },
);

const timing = fc.record({
  daysBeforeDue: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -400, max: 400 })),
  minute: fc.nat({ max: 1_439 }),
});

/** A due day and a reminder whose wall time is known: `wall` is its day and time, written as if in UTC. */
const one = fc
  .record({
    timeZone,
    timing,
    year: fc.integer({ min: 1_971, max: 2_090 }),
    dayOfYear: fc.nat({ max: 364 }),
    change: fc.option(
      fc.record({
        which: fc.constantFrom('first' as const, 'last' as const),
        minutes: fc.integer({ min: -180, max: 180 }),
      }),
      { freq: 2 },
    ),
  })
  .map(({ timeZone: zone, timing: { daysBeforeDue, minute }, year, dayOfYear, change }) => {
    const set = change && clockChange(year, change.which, zone);
    const near = change && set !== null ? wallAt(set - MINUTE, zone) + change.minutes * MINUTE : null;
    const wall = near === null ? Date.UTC(year, 0, 1) + dayOfYear * DAY + minute * MINUTE : near - (near % MINUTE);
    return { timeZone: zone, wall, daysBeforeDue, due: dateOf(wall + daysBeforeDue * DAY), time: dateTime(wall) };
  });
const dateTime = (wall: number) => new Date(wall).toISOString().slice(11, 16);

const quietHours = fc
  .tuple(fc.nat({ max: 1_439 }), fc.integer({ min: 1, max: 1_439 }))
  .map(([start, minutes]) => ({ start: clock(start), end: clock((start + minutes) % 1_440) }));

function reminder(change: Partial<Reminder>): Reminder {
  return { id: 'r', daysBeforeDue: 0, sendAtTime: null, businessDays: false, catchUp: 'drop', ...change };
}
function planOne(due: string, zone: string, of: Reminder, change: Partial<ReminderPlan> = {}) {
  const [planned] = planReminders({
    reminders: [of],
    due: { kind: 'date', date: due },
    timeZone: zone,
    holidays: [],
    quietHours: null,
    jitterSeconds: 0,
    defaultTime: '09:00',
    now: new Date('1900-01-01T00:00:00Z'),
    ...change,
  });
  if (!planned) throw new Error('nothing was planned');
  return planned;
}

/** Whether the clocks of the zone show a quiet time. */
function isQuiet(ms: number, zone: string, { start, end }: { start: string; end: string }): boolean {
  const time = dateTime(wallAt(ms, zone));
  return start < end ? start <= time && time < end : time >= start || time < end;
}

/** The next instant at which the clocks show a time of day. */
function nextTime(ms: number, time: string, zone: string): number {
  const today = wallAt(ms, zone);
  const days = [-1, 0, 1, 2].map((days_) => Date.parse(`${dateOf(today + days_ * DAY)}T${time}:00Z`));
  return Math.min(...days.flatMap((wall) => instantsOfWall(wall, zone).at).filter((at) => at > ms));
}

test('the day and the time that a reminder asks for are what the clocks of the zone show then', () => {
  fc.assert(
    fc.property(one, ({ timeZone: zone, wall, daysBeforeDue, due, time }) => {
      const planned = planOne(due, zone, reminder({ daysBeforeDue, sendAtTime: time }));
      const { at, clocks } = instantsOfWall(wall, zone);
      expect(planned.at.getTime()).toBe(at[0]);
      expect(planned.shifts.map(({ reason }) => reason)).toEqual(clocks === 'plain' ? [] : [clocks]);
    }),
    { numRuns: 20_000 },
  );
});

test('in quiet hours a reminder goes when the clocks next show their end, and else when it would anyway', () => {
  fc.assert(
    fc.property(one, quietHours, ({ timeZone: zone, wall, daysBeforeDue, due, time }, quiet) => {
      const planned = planOne(due, zone, reminder({ daysBeforeDue, sendAtTime: time }), { quietHours: quiet });
      const [asked = 0] = instantsOfWall(wall, zone).at;
      let at = asked;
      // The clocks may skip the end and all that is not quiet after it.
      while (isQuiet(at, zone, quiet)) at = nextTime(at, quiet.end, zone);
      expect(planned.at.getTime()).toBe(at);
    }),
    { numRuns: 2_000 },
  );
});

/** Anything at all: several reminders, with business days, quiet hours, jitter, and a now that some of them precede. */
const anything = fc.record({
  first: one,
  others: fc.array(
    fc.record({
      daysBeforeDue: fc.integer({ min: -10, max: 10 }),
      sendAtTime: fc.option(fc.nat({ max: 1_439 }).map(clock)),
      businessDays: fc.boolean(),
      catchUp: fc.constantFrom('drop' as const, 'send_once' as const, 'shift' as const),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  quiet: fc.option(quietHours),
  /** Where the person sleeps, if it is not where the invoice is due. */
  abroad: fc.option(timeZone),
  holidays: fc.array(fc.integer({ min: -15, max: 15 }), { maxLength: 10 }),
  weekend: fc.subarray([1, 2, 3, 4, 5, 6, 7], { maxLength: 3 }),
  jitterSeconds: fc.constantFrom(0, 60, 3_600, 40_000),
  nowMinutes: fc.integer({ min: -20 * 1_440, max: 20 * 1_440 }),
});

test('every plan says only allowed instants, never ones that have passed, and how each came about', () => {
  fc.assert(
    fc.property(anything, ({ first, others, quiet, abroad, holidays, weekend, jitterSeconds, nowMinutes }) => {
      const { timeZone: zone, due } = first;
      const now = new Date(first.wall + nowMinutes * MINUTE);
      const input: ReminderPlan = {
        reminders: others.map((each, index) => ({ id: `r${index}`, ...each })),
        due: { kind: 'date', date: due },
        timeZone: zone,
        holidays: holidays.map((days) => dateOf(Date.parse(due) + days * DAY)),
        weekend,
        quietHours: quiet,
        quietZone: abroad ?? undefined,
        jitterSeconds,
        defaultTime: '09:00',
        now,
      };
      const planned = planReminders(input);
      expect(planned.map(({ reminder: id }) => id).toSorted()).toEqual(input.reminders.map(({ id }) => id));
      expect(planned).toEqual(planReminders({ ...input, reminders: input.reminders.toReversed() }));
      let before = -Infinity;
      for (const { reminder: id, at, shifts, outcome } of planned) {
        const ms = at.getTime();
        expect(ms).toBeGreaterThanOrEqual(before);
        before = ms;
        const of = input.reminders.find((each) => each.id === id);
        if (outcome === 'planned') expect(ms).toBeGreaterThanOrEqual(now.getTime());
        else expect(of?.catchUp).not.toBe('shift');
        if (quiet) expect(isQuiet(ms, abroad ?? zone, quiet)).toBe(false);
        if (of?.businessDays) {
          const day = wallAt(ms, zone);
          expect(weekend).not.toContain(new Date(day).getUTCDay() || 7);
          expect(input.holidays).not.toContain(dateOf(day));
        }
        const instants = shifts.filter(({ to }) => to.endsWith('Z'));
        if (instants.length > 0) expect(instants.at(-1)?.to).toBe(at.toISOString());
        for (const [index, { from }] of instants.entries()) {
          if (from.endsWith('Z') && index > 0) expect(from).toBe(instants[index - 1]?.to);
        }
        const jitter = shifts.at(-1)?.reason === 'jitter' ? shifts.at(-1) : undefined;
        if (jitter) {
          const moved = Date.parse(jitter.to) - Date.parse(jitter.from);
          expect(moved).toBeLessThan(jitterSeconds * 1_000);
          expect(dateOf(wallAt(Date.parse(jitter.to), zone))).toBe(dateOf(wallAt(Date.parse(jitter.from), zone)));
        }
      }
      const sentOnce = planned.filter(
        ({ reminder: id, shifts }) =>
          shifts.some(({ reason }) => reason === 'catch_up') &&
          input.reminders.find((each) => each.id === id)?.catchUp === 'send_once',
      );
      expect(sentOnce.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});
