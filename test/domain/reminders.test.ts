import { describe, expect, test } from '@jest/globals';
import type { DueDate } from '../../src/domain/due-date.ts';
import { MAX_DAYS, type Reminder } from '../../src/domain/reminder.ts';
import { planReminders, type ReminderPlan } from '../../src/domain/reminders.ts';

const date = (text: string): DueDate => ({ kind: 'date', date: text });
const instant = (text: string): DueDate => ({ kind: 'instant', at: new Date(text) });
const reminder = (daysBeforeDue: number, change: Partial<Reminder> = {}): Reminder => ({
  id: `r${daysBeforeDue}`,
  daysBeforeDue,
  sendAtTime: null,
  businessDays: false,
  catchUp: 'drop',
  ...change,
});
const plan = (reminders: Reminder[], change: Partial<ReminderPlan> = {}) =>
  planReminders({
    reminders,
    due: date('2026-12-24'),
    timeZone: 'Europe/Berlin',
    holidays: [],
    quietHours: null,
    jitterSeconds: 0,
    defaultTime: '09:00',
    now: new Date('1969-01-01T00:00:00Z'),
    ...change,
  });
const at = (reminders: Reminder[], change: Partial<ReminderPlan> = {}) =>
  plan(reminders, change).map((planned) => planned.at.toISOString());

test('days are counted by the calendar, and the instants come in order', () => {
  expect(at([reminder(-30), reminder(0), reminder(3, { sendAtTime: '18:30' })])).toEqual([
    '2026-12-21T17:30:00.000Z',
    '2026-12-24T08:00:00.000Z',
    '2027-01-23T08:00:00.000Z',
  ]);
});

test.each([
  ['the end of February', '2026-03-01', 1, '2026-02-28T09:00:00.000Z'],
  ['a leap day', '2028-03-01', 1, '2028-02-29T09:00:00.000Z'],
  ['a year', '2027-01-01', 1, '2026-12-31T09:00:00.000Z'],
  ['a month of 30 days', '2026-11-30', -1, '2026-12-01T09:00:00.000Z'],
])('days go over %s', (_end, due, days, expected) => {
  expect(at([reminder(days)], { due: date(due), timeZone: 'UTC' })).toEqual([expected]);
});

describe('clocks that are set', () => {
  test.each([
    ['Europe/Berlin', '2026-03-29', '02:30', '2026-03-29T01:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:45:00.000Z'],
    ['Pacific/Chatham', '2026-09-27', '03:00', '2026-09-26T14:15:00.000Z'],
    ['Asia/Tehran', '2022-03-22', '00:00', '2022-03-21T20:30:00.000Z'],
    ['Pacific/Apia', '2011-12-30', '09:00', '2011-12-30T19:00:00.000Z'],
  ])('in %s %s %s is skipped, and sent as much later', (timeZone, due, sendAtTime, expected) => {
    const [planned] = plan([reminder(0, { sendAtTime })], { due: date(due), timeZone });
    expect(planned?.at.toISOString()).toBe(expected);
    expect(planned?.shifts).toEqual([{ reason: 'dst_gap', from: `${due}T${sendAtTime}:00`, to: expected }]);
  });

  test.each([
    ['Europe/Berlin', '2026-10-25', '02:30', '2026-10-25T00:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05', '01:45', '2026-04-04T14:45:00.000Z'],
    ['America/New_York', '2026-11-01', '01:00', '2026-11-01T05:00:00.000Z'],
  ])('in %s %s %s is shown twice, and sent the first time', (timeZone, due, sendAtTime, expected) => {
    const [planned] = plan([reminder(0, { sendAtTime })], { due: date(due), timeZone });
    expect(planned?.shifts).toEqual([{ reason: 'dst_fold', from: `${due}T${sendAtTime}:00`, to: expected }]);
  });

  test('a reminder keeps its time of day over the change, not its distance from the due date', () => {
    expect(at([reminder(1), reminder(0)], { due: date('2026-03-29') })).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
    ]);
  });
});

describe('an instant', () => {
  test('is reminded of at its own time of day, unless the reminder has one', () => {
    const due = instant('2026-12-24T13:45:30.250Z');
    expect(at([reminder(1), reminder(0), reminder(2, { sendAtTime: '09:00' })], { due })).toEqual([
      '2026-12-22T08:00:00.000Z',
      '2026-12-23T13:45:30.250Z',
      '2026-12-24T13:45:30.250Z',
    ]);
  });

  test('is counted from its day in the zone of the contact', () => {
    const due = instant('2026-12-24T23:30:00Z');
    expect(at([reminder(1, { sendAtTime: '12:00' })], { due })).toEqual(['2026-12-24T11:00:00.000Z']);
  });

  test('in the hour that the clocks show twice is itself, though it is the second', () => {
    const due = instant('2026-10-25T01:30:00Z');
    expect(plan([reminder(0)], { due })).toMatchObject([{ at: new Date('2026-10-25T01:30:00Z'), shifts: [] }]);
  });
});

describe('business days', () => {
  // A Monday after a long weekend; the Friday before is a holiday.
  const easter = { due: date('2026-04-06'), holidays: ['2026-04-03', '2026-04-06'], timeZone: 'UTC' };

  test('are counted over weekends and holidays, which are named', () => {
    expect(plan([reminder(2, { businessDays: true })], easter)).toMatchObject([
      {
        at: new Date('2026-04-01T09:00:00Z'),
        shifts: [
          { reason: 'weekend', from: '2026-04-04', to: '2026-04-02' },
          { reason: 'holiday', from: '2026-04-02', to: '2026-04-01' },
        ],
      },
    ]);
  });

  test('put the reminder of a due day that is none before it, and what comes after it later', () => {
    const both = [reminder(0, { businessDays: true }), reminder(-1, { businessDays: true })];
    expect(at(both, easter)).toEqual(['2026-04-02T09:00:00.000Z', '2026-04-07T09:00:00.000Z']);
  });

  test('do not matter to a reminder that does not ask for them', () => {
    expect(at([reminder(0)], easter)).toEqual(['2026-04-06T09:00:00.000Z']);
  });

  test('are asked for again after quiet hours have moved it into a weekend', () => {
    const evening = reminder(0, { businessDays: true, sendAtTime: '22:00' });
    const friday = { due: date('2026-11-27'), timeZone: 'UTC', quietHours: { start: '21:00', end: '08:00' } };
    expect(plan([evening], { ...friday, holidays: ['2026-11-30'] })).toMatchObject([
      {
        at: new Date('2026-12-01T08:00:00Z'),
        shifts: [
          { reason: 'quiet_hours', from: '2026-11-27T22:00:00.000Z', to: '2026-11-28T08:00:00.000Z' },
          { reason: 'weekend', from: '2026-11-28T08:00:00.000Z', to: '2026-11-30T08:00:00.000Z' },
          { reason: 'holiday', from: '2026-11-30T08:00:00.000Z', to: '2026-12-01T08:00:00.000Z' },
        ],
      },
    ]);
  });
});

describe('jitter', () => {
  const many = Array.from({ length: 1_000 }, (_, index) =>
    reminder(1, { id: `019abcde-0000-7000-8000-${String(index).padStart(12, '0')}` }),
  );
  const perSlot = (change: Partial<ReminderPlan>, slotMs: number) => {
    const slots = new Map<number, number>();
    for (const planned of plan(many, change)) {
      const slot = Math.floor(planned.at.getTime() / slotMs);
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
    }
    return [...slots.values()];
  };

  test('spreads a thousand of one time evenly over its window, also where ids differ in their last digits alone', () => {
    const counts = perSlot({ jitterSeconds: 600 }, 60_000);
    expect(counts).toHaveLength(10);
    expect(Math.min(...counts)).toBeGreaterThan(70);
    expect(Math.max(...counts)).toBeLessThan(130);
    expect(Math.max(...perSlot({ jitterSeconds: 600 }, 1_000))).toBeLessThan(12);
  });

  test('gives the same reminder the same instant each time, also while its window runs', () => {
    const first = at(many, { jitterSeconds: 600 });
    expect(at(many.toReversed(), { jitterSeconds: 600 })).toEqual(first);
    const during = plan(many, { jitterSeconds: 600, now: new Date('2026-12-23T08:05:00Z') });
    const ahead = during.filter(({ outcome }) => outcome === 'planned').map((planned) => planned.at.toISOString());
    expect(ahead).toEqual(first.filter((expected) => expected >= '2026-12-23T08:05:00.000Z'));
  });

  test('shares what is left before quiet hours, and before the day ends', () => {
    const quiet = plan(many, { jitterSeconds: 7_200, quietHours: { start: '09:30', end: '10:00' } });
    const last = quiet.at(-1)?.at.toISOString() ?? '';
    expect(last < '2026-12-23T08:30:00.000Z' && last > '2026-12-23T08:29:00.000Z').toBe(true);
    const late = plan(many, { jitterSeconds: 7_200, defaultTime: '23:00' });
    const end = late.at(-1)?.at.toISOString() ?? '';
    expect(end < '2026-12-23T23:00:00.000Z' && end > '2026-12-23T22:58:00.000Z').toBe(true);
  });
});

describe('a time that has passed', () => {
  const now = new Date('2026-12-23T12:00:00Z');
  const outcomes = (catchUps: Reminder['catchUp'][], change: Partial<ReminderPlan> = {}) =>
    plan(
      catchUps.map((catchUp, index) => reminder(10 - index, { id: `r${index}`, catchUp })),
      { now, ...change },
    )
      .toSorted((a, b) => (a.reminder < b.reminder ? -1 : 1))
      .map((planned) => [planned.outcome, 'reason' in planned ? planned.reason : planned.at.toISOString()]);

  test('is missed with `drop`, and said when it would have been', () => {
    expect(plan([reminder(10)], { now })).toEqual([
      { reminder: 'r10', at: new Date('2026-12-14T08:00:00Z'), shifts: [], outcome: 'missed', reason: 'too_late' },
    ]);
  });

  test('is sent now with `send_once`, but only the newest of all that is late', () => {
    expect(outcomes(['send_once', 'send_once', 'send_once'])).toEqual([
      ['missed', 'superseded'],
      ['missed', 'superseded'],
      ['planned', now.toISOString()],
    ]);
  });

  test('is not superseded by one that is itself dropped', () => {
    expect(outcomes(['send_once', 'drop'])).toEqual([
      ['planned', now.toISOString()],
      ['missed', 'too_late'],
    ]);
  });

  test('is sent now with `shift`, each of them', () => {
    expect(outcomes(['shift', 'shift']).flat()).toEqual(['planned', now.toISOString(), 'planned', now.toISOString()]);
  });

  test('waits for allowed hours when now is quiet, and says both', () => {
    const quietHours = { start: '12:00', end: '15:00' };
    expect(plan([reminder(10, { catchUp: 'shift' })], { now, quietHours })).toMatchObject([
      {
        at: new Date('2026-12-23T14:00:00Z'),
        shifts: [
          { reason: 'catch_up', from: '2026-12-14T08:00:00.000Z', to: '2026-12-23T12:00:00.000Z' },
          { reason: 'quiet_hours', from: '2026-12-23T12:00:00.000Z', to: '2026-12-23T14:00:00.000Z' },
        ],
      },
    ]);
  });

  test('is no matter to reminders that are still to come, and now itself has not passed', () => {
    const sameInstant = new Date('2026-12-23T08:00:00Z');
    expect(plan([reminder(1), reminder(0)], { now: sameInstant })).toMatchObject([
      { outcome: 'planned', at: sameInstant },
      { outcome: 'planned', at: new Date('2026-12-24T08:00:00Z') },
    ]);
  });
});

test('the ends of the calendar do not break a plan; what falls after them is never sent', () => {
  const all = [reminder(MAX_DAYS), reminder(0), reminder(-1), reminder(-MAX_DAYS, { businessDays: true })];
  const quietHours = { start: '21:00', end: '08:00' };
  for (const due of [date('9999-12-31'), instant('9999-12-31T23:59:59.999Z'), date('1970-01-01')]) {
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Nowhere/Else']) {
      const planned = plan(all, { due, timeZone, quietHours, jitterSeconds: 3_600 });
      expect(planned).toHaveLength(4);
      for (const { at: when } of planned) expect(when.toISOString()).toMatch(/^\d{4}-/);
    }
  }
  expect(plan([reminder(-1)], { due: date('9999-12-31') })).toMatchObject([
    { outcome: 'missed', reason: 'out_of_range' },
  ]);
});

test('a zone that nobody knows is taken for UTC, and no reminders make an empty plan', () => {
  expect(at([reminder(0)], { timeZone: 'IST' })).toEqual(['2026-12-24T09:00:00.000Z']);
  expect(plan([])).toEqual([]);
});
