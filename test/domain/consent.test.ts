import { expect, test } from '@jest/globals';
import { mayReceive, type Consents } from '../../src/domain/consent.ts';

const said = (allowed: boolean) => ({ allowed, source: 'api', at: '2026-11-24T00:00:00.000Z' });
const may = (consents: Consents) => ({
  transactional: mayReceive(consents, 'transactional'),
  reminders: mayReceive(consents, 'reminders'),
  marketing: mayReceive(consents, 'marketing'),
});

test('who has said nothing gets what they need, and no marketing', () => {
  expect(may({})).toEqual({ transactional: true, reminders: true, marketing: false });
});

test('a yes and a no count for their topic alone', () => {
  expect(may({ marketing: said(true) })).toEqual({ transactional: true, reminders: true, marketing: true });
  expect(may({ reminders: said(false) })).toEqual({ transactional: true, reminders: false, marketing: false });
});
