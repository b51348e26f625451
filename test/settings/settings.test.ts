import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPerson, type Person } from '../api/people.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let path: string;
const off = { transactional: null, reminders: null, marketing: null };

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  path = `/api/v1/tenants/${tenant.id}/settings`;
});
afterAll(() => stack.close());

const change = (body: object) => tenant.call('PATCH', path, body);

test('a new tenant has UTC and English, reminders at nine on no schedule, and everything else is off', async () => {
  expect((await tenant.call('GET', path)).body).toEqual({
    timezone: 'UTC',
    locale: 'en',
    quiet_hours: null,
    frequency_caps: off,
    reminder_time: '09:00',
    jitter_seconds: 0,
    holidays: [],
    weekend: [6, 7],
    default_reminders: [],
    email_reminders: false,
    invoice_notices: { issued: false, paid: false },
    email_texts: {
      issued_subject: expect.stringContaining('{invoice_number}'),
      issued_text: expect.stringContaining('{due_date}'),
      paid_subject: expect.stringContaining('{invoice_number}'),
      paid_text: expect.stringContaining('{amount}'),
      reminder_subject: expect.stringContaining('{invoice_number}'),
    },
    paid_replies: [],
    paid_reply_action: 'pause',
  });
});

test('a change touches what it names, over midnight too, and null switches off', async () => {
  const set = await change({
    timezone: 'Europe/Berlin',
    quiet_hours: { start: '21:30', end: '08:00' },
    frequency_caps: { marketing: { max: 2, per_hours: 24 }, reminders: { max: 5, per_hours: 1 } },
  });
  expect(set.body).toMatchObject({
    timezone: 'Europe/Berlin',
    locale: 'en',
    quiet_hours: { start: '21:30', end: '08:00', topics: ['reminders', 'marketing'] },
    frequency_caps: { ...off, marketing: { max: 2, per_hours: 24 }, reminders: { max: 5, per_hours: 1 } },
  });
  const unset = await change({ locale: 'de', frequency_caps: { marketing: null } });
  const rest = { ...set.body, locale: 'de', frequency_caps: { ...set.body.frequency_caps, marketing: null } };
  expect(unset.body).toEqual(rest);
  expect((await change({ quiet_hours: null })).body).toEqual({ ...rest, quiet_hours: null });
  expect((await tenant.call('GET', `/api/v1/tenants/${tenant.id}`)).body).toMatchObject({
    timezone: 'Europe/Berlin',
    locale: 'de',
  });
});

test('two changes at once both stand', async () => {
  await Promise.all([
    change({ quiet_hours: { start: '22:00', end: '07:00', topics: ['marketing'] } }),
    change({ frequency_caps: { marketing: { max: 1, per_hours: 24 } } }),
    change({ frequency_caps: { reminders: { max: 3, per_hours: 24 } } }),
    change({ locale: 'pt_BR' }),
  ]);
  expect((await tenant.call('GET', path)).body).toMatchObject({
    timezone: 'UTC',
    locale: 'pt_BR',
    quiet_hours: { start: '22:00', end: '07:00', topics: ['marketing'] },
    frequency_caps: { ...off, marketing: { max: 1, per_hours: 24 }, reminders: { max: 3, per_hours: 24 } },
  });
});

test.each([
  [{ timezone: 'Mars/Olympus' }, 'timezone'],
  [{ timezone: null }, 'timezone'],
  [{ locale: 'English' }, 'locale'],
  [{ quiet_hours: { start: '21:00', end: '21:00' } }, 'quiet_hours.end'],
  [{ quiet_hours: { start: '24:00', end: '08:00' } }, 'quiet_hours.start'],
  [{ quiet_hours: { start: '9:00', end: '08:00' } }, 'quiet_hours.start'],
  [{ quiet_hours: { start: '21:00', end: '08:00', topics: [] } }, 'quiet_hours.topics'],
  [{ quiet_hours: { start: '21:00', end: '08:00', days: 'all' } }, 'quiet_hours.days'],
  [{ frequency_caps: { marketing: { max: 0, per_hours: 24 } } }, 'frequency_caps.marketing.max'],
  [{ frequency_caps: { marketing: { max: 1, per_hours: 721 } } }, 'frequency_caps.marketing.per_hours'],
  [{ frequency_caps: { news: { max: 1, per_hours: 1 } } }, 'frequency_caps.news'],
  [{ nothing: [] }, 'nothing'],
  [{ holidays: ['2026-02-31'] }, 'holidays.0'],
  [{ weekend: [0] }, 'weekend.0'],
  [{ reminder_time: '9:00' }, 'reminder_time'],
  [{ jitter_seconds: -1 }, 'jitter_seconds'],
])('what is wrong with a setting is named (%#)', async (body, field) => {
  const refused = await change(body);
  expect([refused.status, refused.body.errors.map((error: { path: string }) => error.path)]).toEqual([422, [field]]);
});

test('a viewer may look and an admin may change, whose change is noted by the names of its fields', async () => {
  const as = (role: 'viewer' | 'member' | 'admin'): Promise<Person> => createPerson(stack, { [tenant.id]: role });
  const [viewer, member, admin] = [await as('viewer'), await as('member'), await as('admin')];
  expect((await viewer.call('GET', path)).status).toBe(200);
  for (const person of [viewer, member]) expect((await person.call('PATCH', path, { locale: 'fr' })).status).toBe(403);
  expect((await admin.call('PATCH', path, { locale: 'fr', timezone: 'Europe/Paris' })).status).toBe(200);
  const entries = await stack.database.sql(
    `select actor_id, fields from app.audit_log where tenant_id = $1 and action = 'settings.update'`,
    [tenant.id],
  );
  expect(entries).toEqual([{ actor_id: admin.id, fields: ['timezone', 'locale'] }]);
});

const rule = (days_before_due: number, more: object = {}) => ({
  days_before_due,
  message_template: 'Invoice {invoice_number} is open.',
  ...more,
});

test.each<[string, object, string, string]>([
  [
    'a placeholder that there is not',
    { default_reminders: [rule(3), rule(1, { message_template: 'Hi {nobody_knows}, pay.' })] },
    'unknown_placeholder',
    'default_reminders.1.message_template',
  ],
  [
    'a placeholder that cannot be read',
    { default_reminders: [rule(1, { message_template: 'Hi {contact_name, pay.' })] },
    'invalid_request',
    'default_reminders.0.message_template',
  ],
  [
    'two that are equal',
    { default_reminders: [rule(3), rule(3)] },
    'duplicate_reminder',
    'default_reminders.1.days_before_due',
  ],
  [
    'one that names the time of the other',
    { reminder_time: '10:00', default_reminders: [rule(3), rule(3, { send_at_time: '10:00' })] },
    'duplicate_reminder',
    'default_reminders.1.days_before_due',
  ],
  [
    'a link at which nobody could pay',
    { default_reminders: [rule(3, { message_template: 'Pay at {payment_link} please.' })] },
    'payment_link_unavailable',
    'default_reminders.0.message_template',
  ],
])('a default schedule with %s is refused when it is set', async (_name, schedule, code, field) => {
  const answer = await change(schedule);
  expect([answer.status, answer.body.code, answer.body.errors?.[0]?.path]).toEqual([422, code, field]);
  expect((await tenant.call('GET', path)).body.default_reminders).toEqual([]);
});

test('a default schedule fits every invoice: no later time makes two equal, and one at the due time is left out', async () => {
  expect((await change({ default_reminders: [rule(0), rule(0, { send_at_time: '10:30' })] })).status).toBe(200);
  const late = await change({ reminder_time: '10:30' });
  expect([late.status, late.body.code, late.body.errors[0].path]).toEqual([422, 'duplicate_reminder', 'reminder_time']);

  const contact = await tenant.call('POST', '/api/v1/contacts', { phone_number: anyPhone() });
  const made = await tenant.call('POST', '/api/v1/invoices', {
    invoice_number: 'INV-1',
    contact_id: contact.body.id,
    amount: '10.00',
    due_date: '2031-03-10T09:30:00Z',
    timezone: 'Europe/Berlin',
  });
  expect([made.status, made.body.reminders?.length]).toEqual([201, 1]);
});
