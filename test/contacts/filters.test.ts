import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let api: TestProcess;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi('false');
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

test('a tag finds who has it now, whatever brought or took it', async () => {
  const add = async (tags: string[]) =>
    (await tenant.call('POST', '/api/v1/contacts', { phone_number: anyPhone(), tags })).body.id as string;
  const [a, b, c, d] = [await add(['x', 'y']), await add(['x']), await add(['x']), await add(['X'])];
  const found = async (tag: string) =>
    (await tenant.call('GET', `/api/v1/contacts?tag=${tag}`)).body.data.map(({ id }: { id: string }) => id);
  expect(await found('x')).toEqual([c, b, a]);
  expect(await found('X')).toEqual([d]);
  await tenant.call('PATCH', `/api/v1/contacts/${a}`, { tags: ['y', 'z'] });
  await tenant.call('POST', `/api/v1/contacts/${b}/erase`);
  await tenant.call('DELETE', `/api/v1/contacts/${c}`);
  expect([await found('x'), await found('y'), await found('z')]).toEqual([[], [a], [a]]);
  expect(await stack.database.sql('select from app.contact_tags where contact_id = $1', [b])).toEqual([]);
});

test('a list of few among many contacts reads an index, under row security', async () => {
  await stack.database.sql(
    `insert into app.contacts (tenant_id, id, phone, email, tags)
     select $1, gen_random_uuid(), '+4917' || n, n || '@example.com',
       case when n % 3 = 0 then array ['common', 't' || n / 1000] else array ['t' || n / 1000] end
     from generate_series(1000000, 1030000) as n`,
    [tenant.id],
  );
  await stack.database.sql('analyze app.contacts');
  await stack.database.sql('analyze app.contact_tags');
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
  for (const tag of ['none', 't1005', 'common']) {
    const tagged = await plan(
      `deleted_at is null and id in (select t.contact_id from app.contact_tags t where t.tag = '${tag}')`,
    );
    expect([tag, tagged]).toEqual([tag, expect.not.stringContaining('Seq Scan')]);
  }
  await client.end();
});

test('a page of those who have a tag reads about as many contacts as it shows, however many there are', async () => {
  const read = async (): Promise<number> => {
    const [row] = await stack.database.sql<{ read: string }>(
      `select seq_tup_read + idx_tup_fetch as read from pg_stat_user_tables
       where schemaname = 'app' and relname = 'contacts'`,
    );
    return Number(row?.read);
  };
  // The counters of a process are complete once it has gone.
  await api.stop();
  await stack.database.sql('select pg_stat_force_next_flush()');
  const before = await read();
  api = await stack.startApi('false');
  const shown = [];
  for (const tag of ['none', 't1005', 'common', 'common&limit=100'])
    shown.push((await tenant.call('GET', `/api/v1/contacts?tag=${tag}`)).body.data.length);
  await api.stop();
  expect(shown).toEqual([0, expect.any(Number), expect.any(Number), 100]);
  expect((await read()) - before).toBeLessThan(3_000);
});
