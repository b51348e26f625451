import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSettings } from '../../src/domain/settings.ts';

const off = { quiet_hours: null, frequency_caps: {} };

test('whatever stands in the row, settings can be read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(readSettings(json)).toMatchObject({ frequency_caps: expect.any(Object) });
    }),
  );
});

test.each([
  [null],
  [[]],
  [{ quiet_hours: { start: '21:00', end: '21:00' } }],
  [{ quiet_hours: { start: '25:00', end: '08:00' } }],
  [{ quiet_hours: 'always', frequency_caps: { marketing: { max: 0, per_hours: 24 }, reminders: null, news: 1 } }],
])('what is not as it should be is off (%#)', (json) => {
  expect(readSettings(json)).toMatchObject(off);
});

test('what is as it should be is read as it is, with the topics that may wait where none are named', () => {
  const caps = { marketing: { max: 2, per_hours: 24 } };
  expect(readSettings({ quiet_hours: { start: '21:00', end: '08:00' }, frequency_caps: caps, later: 1 })).toMatchObject(
    {
      quiet_hours: { start: '21:00', end: '08:00', topics: ['reminders', 'marketing'] },
      frequency_caps: caps,
    },
  );
});
