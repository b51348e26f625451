import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createOrm, nativePool, type Orm } from '../../src/database.ts';
import { operatingFigures } from '../../src/services/operating-figures.ts';
import { createTwoTenants } from './two-tenants.ts';

let world: Awaited<ReturnType<typeof createTwoTenants>>;
let orm: Orm;
beforeAll(async () => {
  world = await createTwoTenants();
  for (const table of ['usage_events', 'message_statuses', 'message_attempts', 'outbox', 'otps', 'imports'])
    await world.database.sql(`truncate app.${table} cascade`);
  await world.database.sql('truncate app.messages, app.flows cascade');
  orm = await createOrm({ database: { url: world.database.appUrl, poolSize: 1, deadlineSeconds: 8 } } as never);
});
afterAll(async () => {
  await orm.close();
  await world.session.end();
  await world.database.close();
});

const figures = async () => operatingFigures({ pool: await nativePool(orm) });

/** Flows of one tenant; answers their ids. */
const flows = (tenantId: number, count: number, kind: string, stage: string, status = 'running') =>
  world.database.sql<{ id: string }>(
    `insert into app.flows (tenant_id, id, kind, stage, status, ended_at)
     select $1, gen_random_uuid(), $3, $4, $5, case when $5 <> 'running' then now() end from generate_series(1, $2)
     returning id`,
    [tenantId, count, kind, stage, status],
  );

const outbox = (tenantId: number, count: number, kind: string, age: string, parked = false) =>
  world.database.sql(
    `insert into app.outbox (tenant_id, operation, kind, flow_id, created_at, parked_at)
     select $1, 'start', $3, (select id from app.flows where tenant_id = $1 limit 1), now() - $4::interval,
       case when $5 then now() end from generate_series(1, $2)`,
    [tenantId, count, kind, age, parked],
  );

const messages = (tenantId: number, count: number, status: string, age: string) =>
  world.database.sql(
    `insert into app.messages (tenant_id, id, key, kind, channel_id, recipient, status, claimed_at, settle_at)
     select $1, gen_random_uuid(), gen_random_uuid(), 'direct', c.id, '+491', $3, now() - $4::interval,
       now() - $4::interval + interval '10 seconds'
     from generate_series(1, $2), app.channels c where c.tenant_id = $1`,
    [tenantId, count, status, age],
  );

test('nothing to report is zero, and no row is missing', async () => {
  expect(await figures()).toEqual({
    runningFlows: [],
    outbox: { oldestUrgentSeconds: 0, oldestBulkSeconds: 0, parked: 0 },
    unsettledMessages: [],
    pausedChannels: [],
  });
});

test('the figures count over all tenants what runs, waits, is given up and is unsettled, and nothing else', async () => {
  const { a, b } = world;
  await flows(a.id, 3, 'otp', 'awaiting_code');
  await flows(b.id, 2, 'otp', 'awaiting_code');
  await flows(b.id, 1, 'message', 'on_hold');
  await flows(a.id, 4, 'otp', 'ended', 'completed');
  await outbox(a.id, 2, 'otp', '1 hour', true);
  await outbox(a.id, 1, 'message', '90 seconds');
  await outbox(b.id, 1, 'otp', '30 seconds');
  await outbox(b.id, 1, 'otp', '10 seconds');
  await messages(a.id, 2, 'unknown', '11 minutes');
  await messages(b.id, 3, 'unknown', '2 hours');
  await messages(b.id, 1, 'unknown', '9 minutes');
  await messages(b.id, 1, 'unknown', '2 days');
  await messages(b.id, 5, 'read', '1 hour');

  const seen = await figures();
  expect(seen.runningFlows).toEqual([
    { kind: 'message', stage: 'on_hold', count: 1 },
    { kind: 'otp', stage: 'awaiting_code', count: 5 },
  ]);
  expect(seen.unsettledMessages).toEqual([{ kind: 'direct', count: 5 }]);
  expect(seen.outbox.parked).toBe(2);
  expect(Math.round(seen.outbox.oldestBulkSeconds / 10)).toBe(9);
  expect(Math.round(seen.outbox.oldestUrgentSeconds / 10)).toBe(3);
});

type Plan = { 'Node Type': string; 'Actual Rows': number; 'Rows Removed by Filter'?: number; Plans?: Plan[] };
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** How Postgres runs the body of a function of ours, as it stands in the catalogue, with one value for its argument. */
async function planOf(name: string, argument?: string): Promise<Plan[]> {
  const [row] = await world.database.sql<{ body: string }>(
    `select prosrc as body from pg_proc where proname = $1 and pronamespace = 'app'::regnamespace`,
    [name],
  );
  const body = (row?.body ?? '').replaceAll('$1', argument ?? '');
  const [plan] = await world.database.sql<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (analyze, format json) ${body.replaceAll(/\b(from|join) (flows|outbox|messages)\b/g, '$1 app.$2')}`,
  );
  return nodesOf(plan?.['QUERY PLAN'][0].Plan as Plan);
}

test.each([
  ['running_flow_counts', undefined],
  ['outbox_figures', undefined],
  ['unsettled_message_counts', `interval '10 minutes'`],
  ['newest_doubtful_messages', '20'],
])('%s is answered from indexes, and touches only what it counts, beside 10,000 other rows', async (name, argument) => {
  const { a } = world;
  const [rows] = await world.database.sql<{ count: string }>('select count(*) from app.messages');
  if (Number(rows?.count) < 10_000) {
    await flows(a.id, 10_000, 'otp', 'ended', 'completed');
    await messages(a.id, 10_000, 'read', '1 hour');
    await messages(a.id, 500, 'unknown', '30 days');
    await outbox(a.id, 10_000, 'message', '1 minute');
    for (const table of ['flows', 'messages', 'outbox']) await world.database.sql(`vacuum analyze app.${table}`);
  }
  const nodes = await planOf(name, argument);
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
  for (const node of nodes) {
    expect(node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)).toBeLessThan(50);
  }
});
