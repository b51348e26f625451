import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { isTenantTable, readCatalogue } from './catalogue.ts';
import { faultsOf } from './rules.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

const read = () => readCatalogue(async <Row>(text: string) => (await client.query(text)).rows as Row[]);

/** The faults that a change would bring; the change itself is taken back. */
async function faultsAfter(change: string): Promise<string[]> {
  await client.query('begin');
  try {
    await client.query(change);
    return faultsOf(await read());
  } finally {
    await client.query('rollback');
  }
}

test('every table of the migrated database keeps tenants apart', async () => {
  const tables = await read();
  expect(tables.filter(isTenantTable).length).toBeGreaterThan(8);
  expect(faultsOf(tables)).toEqual([]);
});

describe('a change that would open a table is named', () => {
  const bad = 'create table app.bad';
  const tenant = 'tenant_id integer not null references app.tenants (id)';
  test.each([
    [`${bad} (${tenant}, id uuid, primary key (tenant_id, id))`, 'bad: row security is not enabled'],
    [`${bad} (${tenant}, id uuid primary key)`, 'bad: its primary key is (id)'],
    [`${bad} (${tenant}, id uuid, primary key (tenant_id, id))`, 'bad: its rows outlive their tenant'],
    [`${bad} (id uuid primary key)`, 'bad: tenant_id is missing or may be null'],
    [`${bad} (tenant_id integer not null, id uuid)`, 'bad: tenant_id does not refer to tenants'],
    [
      `${bad} (${tenant}, channel_id uuid references app.channels (id))`,
      'bad: the foreign key (channel_id) to channels leaves the tenant out',
    ],
    ['create view app.bad as select * from app.otps', 'bad: it is no table, and reads with the rights of its owner'],
    ['create materialized view app.bad as select 1', 'bad: it is no table, and reads with the rights of its owner'],
    ['grant select on app.users to carillon_app', 'users: the application has SELECT'],
    ['grant update (name) on app.users to carillon_app', 'users: the application has UPDATE'],
    ['grant truncate on app.flows to carillon_app', 'flows: the application has TRUNCATE'],
    [
      'grant delete on app.channels to carillon_app',
      'channels: its rows are deleted softly, and the application has DELETE',
    ],
    ['grant select on app.flows to public', 'flows: PUBLIC has privileges'],
    [
      'drop policy tenants__tenant on app.tenants',
      'tenants: it has no policy that binds the application to its tenant',
    ],
    ['alter policy tenants__listed on app.tenants rename to another', 'tenants: the policy another opens it'],
  ])('%s', async (change, fault) => {
    expect(await faultsAfter(change)).toContainEqual(expect.stringContaining(fault));
  });

  test.each([
    ['alter table app.% disable row level security', 'row security is not enabled'],
    ['alter table app.% no force row level security', 'row security is not forced on its owner'],
    ['drop policy %__tenant on app.%', 'it has no policy that binds the application to its tenant'],
    ['alter policy %__tenant on app.% with check (true)', 'it has no policy that binds the application to its tenant'],
    ['create policy more on app.% for select to carillon_app using (true)', 'the policy more opens it'],
    ['create policy more on app.% for insert with check (true)', 'the policy more is for other roles than ours'],
    ['create unique index more on app.% ((1))', 'the unique index more spans tenants'],
  ])('of every tenant table: %s', async (change, fault) => {
    const tables = (await read()).filter(isTenantTable).map(({ name }) => name);
    for (const name of tables) {
      expect(await faultsAfter(change.replaceAll('%', name))).toContain(`${name}: ${fault}`);
    }
  });
});
