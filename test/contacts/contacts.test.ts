import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  [tenant, other] = [await stack.tenants.make(), await stack.tenants.make()];
});
afterAll(() => stack.close());

const add = (body: object, by = tenant) => by.call('POST', '/api/v1/contacts', body);

test('a contact is kept as it was said, its phone as E.164', async () => {
  const phone = anyPhone();
  const made = await add({
    phone_number: `${phone.slice(0, 3)} (${phone.slice(3, 6)}) ${phone.slice(6)}`,
    first_name: 'Ann',
    email: 'ann@example.com',
    timezone: 'Europe/Berlin',
    tags: ['vip', 'vip'],
    attributes: { plan: 'gold', orders: 3, beta: true, note: null },
  });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    phone_number: phone,
    first_name: 'Ann',
    last_name: null,
    timezone: 'Europe/Berlin',
    tags: ['vip'],
    attributes: { plan: 'gold', orders: 3, beta: true, note: null },
    opt_in: {},
  });
  expect((await tenant.call('GET', `/api/v1/contacts/${made.body.id}`)).body).toEqual(made.body);
  expect((await add({ phone_number: '+1234567890' })).status).toBe(201);
});

test('a phone is one contact of a tenant, and may be one of every tenant', async () => {
  const phone = anyPhone();
  const first = await add({ phone_number: phone });
  expect((await add({ phone_number: phone })).body.code).toBe('contact_exists');
  expect((await add({ phone_number: phone }, other)).status).toBe(201);

  const second = await add({ phone_number: anyPhone() });
  const clash = await tenant.call('PATCH', `/api/v1/contacts/${second.body.id}`, { phone_number: phone });
  expect([clash.status, clash.body.code]).toEqual([409, 'contact_exists']);

  expect((await tenant.call('DELETE', `/api/v1/contacts/${first.body.id}`)).status).toBe(204);
  expect((await tenant.call('GET', `/api/v1/contacts/${first.body.id}`)).status).toBe(404);
  expect((await add({ phone_number: phone })).status).toBe(201);
});

test('each yes and no is kept with its source and instant, and one that changes nothing leaves no trace', async () => {
  const { body } = await add({ phone_number: anyPhone(), opt_in: true });
  expect(Object.keys(body.opt_in).toSorted()).toEqual(['marketing', 'reminders', 'transactional']);
  const patch = (opt_in: object) => tenant.call('PATCH', `/api/v1/contacts/${body.id}`, { opt_in });
  await patch({ marketing: true });
  const changed = await patch({ marketing: false });
  expect(changed.body.opt_in.marketing).toMatchObject({ allowed: false, source: 'api' });
  expect(changed.body.opt_in.reminders.allowed).toBe(true);
  const history = await stack.database.sql(
    `select allowed from app.contact_consents where contact_id = $1 and topic = 'marketing' order by at, id`,
    [body.id],
  );
  expect(history).toEqual([{ allowed: true }, { allowed: false }]);
});

test('a change touches what it names, and null empties a field', async () => {
  const { body } = await add({ phone_number: anyPhone(), first_name: 'Ann', last_name: 'Lee', tags: ['a'] });
  const changed = await tenant.call('PATCH', `/api/v1/contacts/${body.id}`, { first_name: null, tags: [] });
  expect(changed.body).toMatchObject({ first_name: null, last_name: 'Lee', tags: [], phone_number: body.phone_number });
});

test('lists filter by phone and tag, and a cursor skips and repeats nobody', async () => {
  const tag = `t${Math.random().toString(36).slice(2)}`;
  const made = [];
  for (let i = 0; i < 5; i += 1) made.push((await add({ phone_number: anyPhone(), tags: [tag] })).body);
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await tenant.call('GET', `/api/v1/contacts?tag=${tag}&limit=2${cursor ? `&cursor=${cursor}` : ''}`);
    seen.push(...page.body.data.map((row: { id: string }) => row.id));
    await add({ phone_number: anyPhone(), tags: [tag] });
    cursor = page.body.next_cursor;
  }
  expect(seen).toEqual(made.map((row) => row.id).toReversed());
  const byPhone = await tenant.call('GET', `/api/v1/contacts?phone_number=${encodeURIComponent(made[0].phone_number)}`);
  expect(byPhone.body.data.map((row: { id: string }) => row.id)).toEqual([made[0].id]);
});

test.each([
  [{ phone_number: '0151 1234567' }, 'phone_number'],
  [{ phone_number: '+1234567890', timezone: 'Mars/Olympus' }, 'timezone'],
  [{ phone_number: '+1234567890', email: 'ann' }, 'email'],
  [{ phone_number: '+1234567890', attributes: { 'A b': 1 } }, 'attributes.A b'],
  [{ phone_number: '+1234567890', attributes: { big: 'x'.repeat(1001) } }, 'attributes.big'],
  [{ phone_number: '+1234567890', opt_in: { newsletters: true } }, 'opt_in.newsletters'],
  [{ phone_number: '+1234567890', erased_at: '2026-01-01T00:00:00Z' }, 'erased_at'],
])('what is wrong with a contact is named (%#)', async (body, path) => {
  const refused = await add(body);
  expect([refused.status, refused.body.errors.map((error: { path: string }) => error.path)]).toEqual([422, [path]]);
});
