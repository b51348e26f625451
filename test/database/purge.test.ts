import { randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { tablesToEmpty } from '../../src/services/tenants/tables.ts';
import { purgeTenants } from '../../src/services/tenants/purge.ts';
import { until } from '../harness/until.ts';
import { isTenantTable, readCatalogue } from './catalogue.ts';
import { insertion, newRows } from './rows.ts';
import { createTwoTenants, digestOf } from './two-tenants.ts';

let world: Awaited<ReturnType<typeof createTwoTenants>>;
let pool: pg.Pool;
let neighbour: string;
let log: { level: number; msg: string }[];
const sql = <Row = Record<string, unknown>>(text: string, values?: unknown[]) => world.database.sql<Row>(text, values);

beforeEach(async () => {
  world = await createTwoTenants();
  pool = new pg.Pool({ connectionString: world.database.appUrl, max: 4 });
  // A connection that a test ends is no news.
  pool.on('error', () => undefined);
  log = [];
  neighbour = await digestOf(world.database, world.b.id);
  await endFlows();
});
afterEach(async () => {
  await pool.end();
  await world.session.end();
  await world.database.close();
});

const deps = () => {
  const write = (line: string) => log.push(JSON.parse(line) as (typeof log)[number]);
  return { pool, log: pino({ level: 'info' }, { write }) };
};
/** A step after the other, as the workflow does it. */
async function purge(options = {}): Promise<{ steps: number; tenants: number; rows: number }> {
  const sum = { steps: 0, tenants: 0, rows: 0 };
  for (let after: number | null = 0; after !== null; sum.steps += 1) {
    const step = await purgeTenants(deps(), after, options);
    expect([step.failed, step.held]).toEqual([0, 0]);
    sum.tenants += step.tenants;
    sum.rows += step.rows;
    after = step.next;
  }
  return sum;
}
const deletedAgo = (interval: string, tenantId = world.a.id) =>
  sql('update app.tenants set deleted_at = clock_timestamp() - $2::interval where id = $1', [tenantId, interval]);
const endFlows = async () => {
  await sql(`update app.flows set status = 'cancelled', ended_at = now() where tenant_id = $1`, [world.a.id]);
  await sql('update app.outbox set parked_at = now() where tenant_id = $1', [world.a.id]);
};
/** In how many tables the tenant still has rows. */
async function left(tenantId = world.a.id): Promise<string[]> {
  const names = (await readCatalogue(world.database.sql)).filter(({ columns }) => columns['tenant_id']);
  const all = names.map(({ name }) => `select '${name}' as name from app.${name} where tenant_id = ${tenantId}`);
  const rows = await sql<{ name: string }>(`select distinct name from (${all.join(' union all ')}) as rows`);
  return rows.map(({ name }) => name).toSorted();
}
const marks = () =>
  sql(
    `select id, removed::integer, purged_at is not null as purged, begun_at <= purged_at as "inOrder"
     from app.tenant_purges`,
  );

test('what was deleted more than 30 days ago is removed from every table there is, and nothing of anybody else', async () => {
  await deletedAgo('30 days 1 minute');
  const tables = (await readCatalogue(world.database.sql)).filter(isTenantTable).map(({ name }) => name);
  expect(await left()).toEqual(tables.toSorted());
  const { tenants, rows } = await purge();
  expect(tenants).toBe(1);
  expect(rows).toBeGreaterThanOrEqual(tables.length);
  expect(await left()).toEqual([]);
  expect(await sql('select id from app.tenants order by id')).toEqual([{ id: world.b.id }]);
  expect(await digestOf(world.database, world.b.id)).toBe(neighbour);
  expect(await marks()).toEqual([{ id: world.a.id, removed: rows, purged: true, inOrder: true }]);
  expect(await purge()).toEqual({ steps: 1, tenants: 0, rows: 0 });
});

test.each([
  ['is not deleted', 'null'],
  ['was deleted less than 30 days ago', `clock_timestamp() - interval '29 days 23 hours 59 minutes'`],
])('a tenant that %s stays whole, whoever asks for its rows', async (_which, deletedAt) => {
  await sql(`update app.tenants set deleted_at = ${deletedAt} where id = $1`, [world.a.id]);
  const before = await digestOf(world.database, world.a.id);
  expect(await purge()).toEqual({ steps: 1, tenants: 0, rows: 0 });
  for (const { name } of await tablesToEmpty(pool)) await pool.query(`select app.purge_${name}($1, 10)`, [world.a.id]);
  await pool.query('select app.begin_tenant_purge($1)', [world.a.id]);
  await pool.query('select app.finish_tenant_purge($1)', [world.a.id]);
  expect(await digestOf(world.database, world.a.id)).toBe(before);
  expect(await marks()).toEqual([]);
});

test('it may stop after any batch, and whoever goes on ends in the same state', async () => {
  for (let n = 0; n < 3; n += 1) {
    for (const row of newRows(world.a.id, world.a.userId).filter(({ table }) => table !== 'memberships')) {
      const { text, values } = insertion(row);
      await sql(text, values);
    }
  }
  // Keys that replace each other can only go together.
  await sql(
    `update app.api_keys k set replaced_by = o.id from app.api_keys o
     where k.tenant_id = $1 and o.tenant_id = $1 and o.id = (select min(id::text)::uuid from app.api_keys where tenant_id = $1)
       and k.id <> o.id`,
    [world.a.id],
  );
  await endFlows();
  await deletedAgo('31 days');
  const tables = await left();
  const { steps, tenants, rows } = await purge({ most: 2, stepMs: 0 });
  expect(steps).toBeGreaterThan(tables.length);
  expect(tenants).toBe(1);
  expect(await left()).toEqual([]);
  expect(await digestOf(world.database, world.b.id)).toBe(neighbour);
  expect(await marks()).toEqual([{ id: world.a.id, removed: rows, purged: true, inOrder: true }]);
});

test('thousands of keys, which can only go together, go within the time that a statement has', async () => {
  await sql(
    `insert into app.api_keys (tenant_id, id, key_id, name, mac, permissions, rate_limit)
     select $1, gen_random_uuid(), 'many' || n, 'one of many', '', '{read}', 1 from generate_series(1, 12000) n`,
    [world.a.id],
  );
  await deletedAgo('31 days');
  const bounded = new pg.Pool({ connectionString: world.database.appUrl, max: 1, statement_timeout: 8_000 });
  const step = await purgeTenants({ ...deps(), pool: bounded }, 0, { stepMs: 60_000 });
  await bounded.end();
  expect(step).toMatchObject({ tenants: 1, failed: 0 });
});

test('a connection that dies in the middle of it loses nothing, and the next night goes on', async () => {
  await deletedAgo('31 days');
  const holder = new pg.Client({ connectionString: world.database.superuserUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from app.messages where tenant_id = $1 for update', [world.a.id]);
  const cut = purgeTenants(deps(), 0);
  await until(
    () =>
      sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and usename = 'carillon_app' and wait_event_type = 'Lock'`,
      ),
    (rows) => rows.length === 1,
  );
  expect(await cut).toMatchObject({ next: null, tenants: 0, failed: 1 });
  expect(log.map(({ msg }) => msg)).toContain('a deleted tenant could not be purged');
  await holder.end();
  const tables = await left();
  expect(tables).toContain('messages');
  expect(tables).not.toContain('message_statuses');
  expect(await digestOf(world.database, world.b.id)).toBe(neighbour);
  expect((await purge()).tenants).toBe(1);
  expect(await left()).toEqual([]);
});

test('a restore that holds the row of the tenant wins, and the purge that waited for it removes nothing', async () => {
  await deletedAgo('31 days');
  const rows = await left();
  const restoring = new pg.Client({ connectionString: world.database.superuserUrl });
  await restoring.connect();
  await restoring.query('begin');
  await restoring.query('select from app.tenants where id = $1 for update', [world.a.id]);
  const waiting = purgeTenants(deps(), 0);
  await until(
    () => sql(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`),
    (waiters) => waiters.length === 1,
  );
  await restoring.query('update app.tenants set deleted_at = null where id = $1', [world.a.id]);
  await restoring.query('commit');
  await restoring.end();
  expect(await waiting).toMatchObject({ tenants: 0, rows: 0, failed: 0 });
  expect(await marks()).toEqual([]);
  expect(await left()).toEqual(rows);
});

test('a tenant whose flows still run, or whose end Temporal has not been told, waits', async () => {
  const flow = randomUUIDv7();
  await sql(`insert into app.flows (tenant_id, id, kind, stage) values ($1, $2, 'otp', 'sending')`, [world.a.id, flow]);
  await deletedAgo('31 days');
  const held = { next: null, tenants: 0, rows: 0, held: 1, failed: 0 };
  expect(await purgeTenants(deps(), 0)).toEqual(held);
  await endFlows();
  await sql(`insert into app.outbox (tenant_id, operation, kind, flow_id) values ($1, 'cancel', 'otp', $2)`, [
    world.a.id,
    flow,
  ]);
  expect(await purgeTenants(deps(), 0)).toEqual(held);
  await endFlows();
  expect((await purge()).tenants).toBe(1);
});

test('one that cannot be removed keeps no other from it', async () => {
  await deletedAgo('31 days');
  await deletedAgo('31 days', world.b.id);
  await sql(`update app.flows set status = 'cancelled', ended_at = now()`);
  await sql('update app.outbox set parked_at = now()');
  // A table of tomorrow that nobody thought of.
  await sql('create table app.forgotten (tenant integer references app.tenants (id))');
  await sql('insert into app.forgotten values ($1)', [world.a.id]);
  expect(await purgeTenants(deps(), 0)).toMatchObject({ next: null, tenants: 1, failed: 1 });
  expect(await sql('select id from app.tenants')).toEqual([{ id: world.a.id }]);
  await sql('drop table app.forgotten');
  expect((await purge()).tenants).toBe(1);
});
