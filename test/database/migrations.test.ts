import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../../src/migrations/run.ts';
import { migrations } from '../../src/migrations/index.ts';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { until } from '../harness/until.ts';
import { readCatalogue } from './catalogue.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ migrated: false });
});
afterAll(() => database.close());

test('two processes that migrate at once each succeed, one of them does the work, and a later run changes nothing', async () => {
  const all = migrations.map(({ name }) => name);
  const done = await Promise.all([migrate(database.ownerUrl), migrate(database.ownerUrl)]);
  expect(done.flat()).toEqual(all);
  expect(done.map(({ length }) => length).toSorted((x, y) => x - y)).toEqual([0, all.length]);

  const before = await readCatalogue(database.sql);
  expect(await migrate(database.ownerUrl)).toEqual([]);
  expect(await readCatalogue(database.sql)).toEqual(before);
});

test('a migration that waits for somebody’s lock holds up nobody else for long, and is done once that is gone', async () => {
  await undo();
  const backup = await reading('app.flows');
  const done = migrate(database.ownerUrl);
  await until(
    () => database.sql(`select 1 from pg_locks where relation = 'app.flows'::regclass and not granted`),
    (waiting) => waiting.length > 0,
  );
  expect(await asTheApi('select count(*) as flows from app.flows')).toEqual([{ flows: '0' }]);
  await backup.end();
  expect(await done).toEqual([last]);
});

test('it gives up in the end, says why, and has changed nothing', async () => {
  await undo();
  const backup = await reading('app.flows');
  const before = await readCatalogue(database.sql);
  await expect(migrate(database.ownerUrl, { patienceMs: 0 })).rejects.toThrow(/Somebody else.*Nothing was changed/);
  expect(await readCatalogue(database.sql)).toEqual(before);
  await backup.end();
  expect(await migrate(database.ownerUrl)).toEqual([last]);
});

/** A migration that alters a table which every request writes. */
const last = '20261204-flow-ending';

/** As before that migration. */
async function undo(): Promise<void> {
  await database.sql('alter table app.flows drop column ending');
  await database.sql('delete from carillon_migrations where name = $1', [last]);
}

/** Holds what a dump holds of a table, until its connection ends. */
async function reading(table: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query(`begin; select 1 from ${table} limit 1`);
  return client;
}

/** As the API's role, which is given 2 s for a lock. */
async function asTheApi(statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.superuserUrl, lock_timeout: 2_000 });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
