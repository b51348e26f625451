import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlannedReminder } from '../../src/domain/reminders.ts';
import { oneAtATime, type Rival } from '../../src/domain/same-time.ts';

const morning = '2031-03-11T08:00:00.000Z';
const now = new Date('2031-01-01T00:00:00Z');
const rival = (id: string, daysBeforeDue: number, more: Partial<Rival> = {}): Rival => ({
  id,
  daysBeforeDue,
  sendAtTime: null,
  businessDays: false,
  catchUp: 'send_once',
  byHand: false,
  ...more,
});
const at = (reminder: string, instant = morning, shifts: PlannedReminder['shifts'] = []): PlannedReminder => ({
  reminder,
  at: new Date(instant),
  shifts,
  outcome: 'planned',
});
const left = (planned: PlannedReminder[], rivals: Rival[], before: PlannedReminder[] = []) =>
  oneAtATime(planned, rivals, { defaultTime: '09:00', now, left: before }).map((one) =>
    one.outcome === 'planned' ? one.reminder : `${one.reminder} ${one.reason}`,
  );

test('of two at one instant the one of the later day leaves, and the other says that it stays behind for it', () => {
  expect(left([at('a'), at('b')], [rival('a', 1), rival('b', 0)])).toEqual(['a same_time', 'b']);
});

test('of two of one day the later time of day leaves, be it one of its own or that of all', () => {
  expect(left([at('a'), at('b')], [rival('a', 0, { sendAtTime: '08:59' }), rival('b', 0)])).toEqual([
    'a same_time',
    'b',
  ]);
  expect(left([at('a'), at('b')], [rival('a', 0, { sendAtTime: '22:00' }), rival('b', 0)])).toEqual([
    'a',
    'b same_time',
  ]);
});

test('where a person has put one it leaves, whatever else is there', () => {
  expect(left([at('a'), at('b')], [rival('a', 5, { byHand: true }), rival('b', 0)])).toEqual(['a', 'b same_time']);
});

test('jitter makes no two instants of one', () => {
  const spread = (id: string, to: string) => at(id, to, [{ reason: 'jitter', from: morning, to }]);
  const planned = [spread('a', '2031-03-11T08:03:00.000Z'), spread('b', '2031-03-11T08:09:00.000Z')];
  expect(left(planned, [rival('a', 1), rival('b', 0)])).toEqual(['a same_time', 'b']);
});

test('one that stayed behind does not leave after the other has, where the jitter would have it later', () => {
  const spread = (id: string, to: string) => at(id, to, [{ reason: 'jitter', from: morning, to }]);
  const rivals = [rival('a', 1), rival('b', 0)];
  const [behind, gone] = [spread('a', '2031-03-11T08:09:00.000Z'), spread('b', '2031-03-11T08:03:00.000Z')];
  expect(left([behind], rivals, [gone])).toEqual(['a same_time']);
  const due = at('b', now.toISOString(), [{ reason: 'jitter', from: morning, to: now.toISOString() }]);
  expect(left([behind, due], rivals)).toEqual(['a same_time', 'b']);
  expect(left([behind], rivals)).toEqual(['a']);
});

test.each(['catch_up', 'promised'] as const)('of those that say `shift` each leaves after a %s', (reason) => {
  const late = [{ reason, from: '2031-03-01T08:00:00.000Z', to: morning }];
  const all = [at('a', morning, late), at('b', morning, late), at('c')];
  const shift = { catchUp: 'shift' } as const;
  expect(left(all, [rival('a', 3, shift), rival('b', 1, shift), rival('c', 0)])).toEqual(['a', 'b', 'c']);
});

test('what leaves at this very moment, and what does not leave at all, takes the place of nothing', () => {
  const gone: PlannedReminder = {
    reminder: 'b',
    at: new Date(morning),
    shifts: [],
    outcome: 'missed',
    reason: 'promised',
  };
  expect(left([at('a'), gone], [rival('a', 1), rival('b', 0)])).toEqual(['a', 'b promised']);
  const present = now.toISOString();
  expect(left([at('a', present), at('b', present)], [rival('a', 1), rival('b', 0)])).toEqual(['a', 'b']);
});

test('whatever is planned, at each instant exactly one leaves, and the order of the list does not matter', () => {
  const one = fc.record({
    daysBeforeDue: fc.integer({ min: -2, max: 2 }),
    sendAtTime: fc.option(fc.constantFrom('08:00', '09:00', '21:30')),
    businessDays: fc.boolean(),
    byHand: fc.boolean(),
    hour: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (all) => {
      const rivals = all.map((each, n) => rival(`r${n}`, 0, each));
      const planned = all.map(({ hour }, n) => at(`r${n}`, `2031-03-11T0${hour}:00:00.000Z`));
      const result = oneAtATime(planned, rivals, { defaultTime: '09:00', now, left: [] });
      const leaving = result.filter(({ outcome }) => outcome === 'planned').map((each) => each.at.getTime());
      expect(leaving.toSorted()).toEqual([...new Set(planned.map((each) => each.at.getTime()))].toSorted());
      const reversed = oneAtATime(planned.toReversed(), rivals, { defaultTime: '09:00', now, left: [] });
      expect(reversed.toReversed()).toEqual(result);
    }),
  );
});
