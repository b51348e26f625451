import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { createOrm, nativePool, runForTenant, tenantEm, type Orm } from '../../src/database.ts';
import { Flow } from '../../src/entities/flow.ts';
import { createTwoTenants } from './two-tenants.ts';

let world: Awaited<ReturnType<typeof createTwoTenants>>;
let orm: Orm;
let pool: Pool;

beforeAll(async () => {
  world = await createTwoTenants();
  // One connection, so that the next user always gets what the last one left.
  orm = await createOrm({ database: { url: world.database.appUrl, poolSize: 1 } } as never);
  pool = await nativePool(orm);
});
afterAll(async () => {
  await orm.close();
  await world.session.end();
  await world.database.close();
});

const flowOf = (side: { rows: { table: string; values: Record<string, unknown> }[] }) =>
  side.rows.find(({ table }) => table === 'flows')?.values['id'];

/** What whoever borrows the connection next would find. */
async function leftOver() {
  const { rows } = await pool.query(
    `select coalesce(current_setting('app.tenant_id', true), '') as tenant, count(*)::integer as flows from app.flows`,
  );
  return rows[0];
}
const nothing = { tenant: '', flows: 0 };

test('entity managers of two tenants that work at the same time each see their own rows only', async () => {
  const [a, b] = [flowOf(world.a), flowOf(world.b)];
  const turns = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? world.a.id : world.b.id));
  const seen = await Promise.all(
    turns.map(async (id, i) => {
      const em = tenantEm(orm, id);
      if (i % 3 > 0) return (await em.find(Flow, {})).map((flow) => flow.id);
      return em.transactional(async (inner) => (await inner.find(Flow, {})).map((flow) => flow.id));
    }),
  );
  expect(seen).toEqual(turns.map((id) => [id === world.a.id ? a : b]));
  expect(await leftOver()).toEqual(nothing);
});

test('an entity manager without a tenant sees nothing, also after one that had one', async () => {
  await tenantEm(orm, world.a.id).find(Flow, {});
  expect(await orm.em.fork().find(Flow, {})).toEqual([]);
});

test('a transaction that failed leaves no tenant on its connection', async () => {
  const failing = tenantEm(orm, world.a.id).transactional(async (em) => {
    await em.find(Flow, {});
    throw new Error('on purpose');
  });
  await expect(failing).rejects.toThrow('on purpose');
  expect(await leftOver()).toEqual(nothing);
});

test.each([
  ['that succeeds', 'select id from app.flows', undefined],
  ['that Postgres refuses', 'select 1 / 0', '22012'],
  ['that writes to another tenant', 'update app.flows set tenant_id = 2', '42501'],
  ['that names no table', 'select from app.nothing', '42P01'],
  ['whose connection is cut', 'select pg_terminate_backend(pg_backend_pid())', '57P01'],
])('a statement %s leaves no tenant to the next user of the connection', async (_which, text, code) => {
  const outcome = await runForTenant(pool, world.a.id, { text, values: [] }).then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );
  expect(outcome).toBe(code);
  expect(await leftOver()).toEqual(nothing);
  expect(await runForTenant(pool, world.b.id, { text: 'select id from app.flows', values: [] })).toEqual([
    { id: flowOf(world.b) },
  ]);
});

test('a tenant id that is no integer reaches no SQL', async () => {
  const odd = `1'; set app.tenant_id = '2` as unknown as number;
  await expect(runForTenant(pool, odd, { text: 'select 1', values: [] })).rejects.toThrow(TypeError);
});
