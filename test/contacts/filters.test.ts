import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

test('lists filter by e-mail in any case, and by who has said yes to a topic', async () => {
  const add = async (more: object) =>
    (await tenant.call('POST', '/api/v1/contacts', { phone_number: anyPhone(), ...more })).body.id;
  const ann = await add({ email: 'Ann@Example.com', opt_in: { marketing: true } });
  const bo = await add({ email: 'bo@example.com', opt_in: { marketing: false, reminders: true } });
  const cy = await add({ opt_in: true });
  const found = async (query: string) =>
    (await tenant.call('GET', `/api/v1/contacts?${query}`)).body.data.map(({ id }: { id: string }) => id);
  expect(await found('email=ann@example.COM')).toEqual([ann]);
  expect(await found('opted_in=marketing')).toEqual([cy, ann]);
  expect(await found('opted_in=reminders')).toEqual([cy, bo]);
  expect(await found('opted_in=reminders&email=bo@example.com')).toEqual([bo]);
  expect((await tenant.call('GET', '/api/v1/contacts?opted_in=news')).status).toBe(422);
});

test('a list of few among many contacts reads an index, under row security', async () => {
  await stack.database.sql(
    `insert into app.contacts (tenant_id, id, phone, email)
     select $1, gen_random_uuid(), '+4917' || n, n || '@example.com' from generate_series(1000000, 1030000) as n`,
    [tenant.id],
  );
  await stack.database.sql('analyze app.contacts');
  const client = new pg.Client({ connectionString: stack.database.appUrl });
  await client.connect();
  await client.query(`select set_config('app.tenant_id', '${tenant.id}', false)`);
  const plan = async (where: string): Promise<string> =>
    (await client.query(`explain select * from app.contacts where ${where} order by id desc limit 51`)).rows
      .map((row) => row['QUERY PLAN'])
      .join('\n');
  expect(await plan(`deleted_at is null and email_folded = '1000500@example.com'`)).toContain('contacts__by_email');
  expect(await plan(`deleted_at is null and opted_in_marketing = true`)).toContain('contacts__in_marketing');
  expect(await plan(`deleted_at is null and phone = '+49171000500'`)).toContain('contacts__phone');
  await client.end();
});
