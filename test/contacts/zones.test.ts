import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getAllCountries } from 'countries-and-timezones';
import { mainZones } from '../../src/domain/main-zone.ts';
import { effectiveTimezone } from '../../src/services/contacts/timezone.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

test.each([
  ['+4915112345678', 'Europe/Berlin'],
  ['+12125551234', 'America/New_York'],
  ['+14165551234', 'America/Toronto'],
  ['+79161234567', 'Europe/Moscow'],
  ['+77012345678', 'Asia/Almaty'],
  ['+5511987654321', 'America/Sao_Paulo'],
  ['+919812345678', 'Asia/Kolkata'],
  ['+447911123456', 'Europe/London'],
  ['+1234567890', 'Asia/Tokyo'],
  ['+999123456789', 'Asia/Tokyo'],
])('somebody with the phone %s is taken to be in %s, where the tenant is in Tokyo', (phone, zone) => {
  expect(effectiveTimezone({ phone }, 'Asia/Tokyo')).toBe(zone);
  expect(effectiveTimezone({ phone, timezone: 'Pacific/Fiji' }, 'Asia/Tokyo')).toBe('Pacific/Fiji');
});

test('the main zone of a country is one of its own, and one that this process knows', () => {
  const countries = getAllCountries({ deprecated: true });
  for (const [country, zone] of Object.entries(mainZones)) {
    const known = countries[country as keyof typeof countries];
    expect([country, known.timezones]).toEqual([country, expect.arrayContaining([zone])]);
    expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
  }
});

test('only what was said is kept: what follows from it follows the tenant', async () => {
  const settings = `/api/v1/tenants/${tenant.id}/settings`;
  const { body } = await tenant.call('POST', '/api/v1/contacts', { phone_number: '+1234567890' });
  const german = await tenant.call('POST', '/api/v1/contacts', { phone_number: anyPhone(), locale: 'de' });
  expect(body).toMatchObject({ timezone: null, effective_timezone: 'UTC', locale: null, effective_locale: 'en' });
  await tenant.call('PATCH', settings, { timezone: 'Asia/Tokyo', locale: 'ja' });
  const shown = (id: string) => tenant.call('GET', `/api/v1/contacts/${id}`);
  expect((await shown(body.id)).body).toMatchObject({
    timezone: null,
    effective_timezone: 'Asia/Tokyo',
    locale: null,
    effective_locale: 'ja',
  });
  expect((await shown(german.body.id)).body).toMatchObject({
    timezone: null,
    effective_timezone: 'Europe/Berlin',
    effective_locale: 'de',
  });
});
