import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../../src/migrations/run.ts';
import { migrations } from '../../src/migrations/index.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
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
