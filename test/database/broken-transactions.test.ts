import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOrm, nativePool, runForTenant, tenantEm, type Orm } from '../../src/database.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { until } from '../harness/until.ts';

const POOL = 2;
const BROKEN = 5 * POOL;
let database: TestDatabase;
let orm: Orm;

beforeAll(async () => {
  database = await createDatabase();
  orm = await createOrm({ database: { url: database.appUrl, poolSize: POOL, deadlineMs: 8_000 } } as never);
});
afterAll(async () => {
  await orm.close();
  await database.close();
});

const cut = (pid: number) => database.sql('select pg_terminate_backend($1)', [pid]);

/** A transaction whose connection is ended while it is open. */
const broken = () =>
  tenantEm(orm, 1).transactional(async (em) => {
    const [row] = await em.execute<{ pid: number }[]>('select pg_backend_pid() as pid');
    await cut(row?.pid ?? 0);
    await em.execute('select 1');
  });

test('a connection that ends under a transaction costs the pool no place, however often', async () => {
  for (let n = 0; n < BROKEN; n += 1) {
    await until(
      () => broken().then(String, (error: Error) => error.message),
      (said) => !/timeout exceeded when trying to connect/.test(said),
    );
  }
  const pool = await nativePool(orm);
  await until(
    () =>
      runForTenant(pool, 1, { text: 'select 1', values: [] }).then(
        () => true,
        () => false,
      ),
    (works) => works,
  );
  await until(
    () => pool.totalCount - pool.idleCount,
    (held) => held === 0,
  );
});

test('who gives back late what was taken back meanwhile harms nobody', async () => {
  const pool = await nativePool(orm);
  const client = await pool.connect();
  client.on('error', () => undefined);
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  await cut(rows[0]?.pid ?? 0);
  await until(
    () => pool.totalCount - pool.idleCount,
    (held) => held === 0,
  );
  expect(() => client.release()).not.toThrow();
});
