import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let contact: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
  contact = (await tenant.call('POST', '/api/v1/contacts', { phone_number: anyPhone() })).body.id;
});
afterAll(() => stack.close());

const path = () => `/api/v1/contacts/${contact}/events`;

test('what a contact did is kept as it was told, the last told first', async () => {
  const first = await tenant.call('POST', path(), { name: 'visited', properties: { page: 'home', n: 1 } });
  expect(first.status).toBe(201);
  const second = await tenant.call('POST', path(), { name: 'bought', at: '2026-01-31T08:00:00+01:00' });
  expect(second.body).toMatchObject({ contact_id: contact, at: '2026-01-31T07:00:00.000Z', properties: {} });
  expect((await tenant.call('GET', path())).body.data).toEqual([second.body, first.body]);
  expect((await tenant.call('GET', `${path()}?name=visited`)).body.data).toEqual([first.body]);
});

test.each([
  [{ name: 'Not a word' }, 'name'],
  [{ name: 'visited', properties: { 'A b': 1 } }, 'properties.A b'],
  [{ name: 'visited', at: 'yesterday' }, 'at'],
])('what is wrong with an event is named (%#)', async (body, field) => {
  const refused = await tenant.call('POST', path(), body);
  expect([refused.status, refused.body.errors.map((error: { path: string }) => error.path)]).toEqual([422, [field]]);
});
