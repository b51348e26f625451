import { expect, test } from '@jest/globals';
import { equalReminders, type ReminderTiming } from '../../src/domain/reminder.ts';
import { summarizeReminder, wordReminder } from '../../src/domain/reminder-wording.ts';

const timing = (daysBeforeDue: number, sendAtTime: string | null = null, businessDays = false): ReminderTiming => ({
  daysBeforeDue,
  sendAtTime,
  businessDays,
});

test('two reminders of the same days and time are equal, also where one says the time that the other has anyway', () => {
  expect(equalReminders([timing(3), timing(1), timing(3)], '09:00')).toEqual([0, 2]);
  expect(equalReminders([timing(1, '09:00'), timing(1)], '09:00')).toEqual([0, 1]);
  expect(equalReminders([timing(0), timing(-0)], '09:00')).toEqual([0, 1]);
});

test('another day, side of the due date, time or way of counting is another reminder', () => {
  const all = [timing(3), timing(-3), timing(3, '10:00'), timing(3, null, true)];
  expect(equalReminders(all, '09:00')).toBeNull();
  expect(equalReminders([timing(1, '09:00'), timing(1)], '09:00:30')).toBeNull();
  expect(equalReminders([], '09:00')).toBeNull();
});

test.each([
  [timing(3, '09:30'), '3 days before due, at 09:30 Europe/Berlin'],
  [timing(1), '1 day before due, at 08:00 Europe/Berlin'],
  [timing(0), 'on the due date, at 08:00 Europe/Berlin'],
  [timing(-1, null, true), '1 business day after due, at 08:00 Europe/Berlin'],
  [timing(0, null, true), 'on the due date or the business day before, at 08:00 Europe/Berlin'],
])('%j is worded so that a person can check it', (reminder, words) => {
  expect(wordReminder(reminder, { timeZone: 'Europe/Berlin', defaultTime: '08:00' })).toBe(words);
});

test('a reminder of something due at an instant goes at that time of day', () => {
  expect(wordReminder(timing(2), { timeZone: 'UTC', defaultTime: null })).toBe(
    '2 days before due, at the time it is due',
  );
});

test('a summary has words and numbers alone', () => {
  const of = { position: 2, count: 3 };
  expect(summarizeReminder(timing(3), of)).toBe('reminder 2 of 3, 3 days before due');
  expect(summarizeReminder(timing(3), { ...of, movedByHand: true })).toBe('reminder 2 of 3, moved by hand');
});
