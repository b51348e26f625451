import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { apiClient } from './api-client.ts';
import { countersOf, perRequest, type Cost, type Idle } from './cost.ts';
import { tasksOf, type Tasks } from './histories.ts';
import { describeMachine, type Machine } from './machine.ts';
import { phoneOf, playPhase, type Plan } from './phase.ts';
import { writeReport } from './reports.ts';
import { sandboxControls } from './sandbox.ts';
import { createFlights } from './sql-flights.ts';
import { startSqlProxy } from './sql-proxy.ts';
import { startStack, type Stack } from './stack.ts';
import { inTemporaryFolder } from './workspace.ts';

/** Few at a time: nothing is refused, and nothing is tried twice. */
const USERS = 2;
const MESSAGES_EVERY_MS = 200;
const HISTORIES = 20;

export type CountsReport = {
  machine: Machine;
  seconds: number;
  idlePerSecond: Idle;
  /** By what was done; one passcode is a send and a verification. */
  costs: Record<string, Cost & { tasks: Tasks }>;
};

/** What a request costs, counted and not timed: round trips and commits of Postgres, calls and tasks of Temporal. */
export async function benchmarkCounts(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '20' } } });
  const seconds = Number(values.seconds);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox and the API, with a listener before Postgres.');
    const flights = createFlights();
    const databaseThrough = (url: string) => startSqlProxy(url, flights);
    const stack = await startStack(folder, { players: ['product'], databaseThrough });
    const machine = await describeMachine(stack.superuserUrl);
    const database = databaseOf(stack);
    // Its transactions are nobody's requests.
    await database.query('alter system set autovacuum = off');
    await database.query('select pg_reload_conf()');
    const counters = countersOf({ flights, database, metricsUrl: stack.temporal.metricsUrl });

    // Windows of limits and the first statements of connections are not what a request costs.
    await passcodes(stack, { number: 0, seconds: 2, statuses: true });
    await settled(database);
    const idle = await counters.idle(10_000);
    const costs: CountsReport['costs'] = {};
    const count = async (what: string, work: () => Promise<string[]>) => {
      console.log(what);
      await settled(database);
      const before = await counters.read();
      const ids = await work();
      await settled(database);
      const cost = perRequest(before, await counters.read(), idle, ids.length);
      costs[what] = { ...cost, tasks: await tasksOf(stack.temporal.address, ids.slice(-HISTORIES)) };
    };
    await count('passcode, verified', () => passcodes(stack, { number: 1, seconds, statuses: true }));
    await count('passcode, verified, without statuses', () =>
      passcodes(stack, { number: 2, seconds, statuses: false }),
    );
    await sandboxControls(stack.sandboxUrl).prepare({ statuses: true });
    await apiClient(stack.apiUrl, stack.keys[0] ?? '').makeTemplate();
    await count('message, sent at once', () => messages(stack, database, { number: 3, seconds }));
    await count('message, planned 3 s ahead', () => messages(stack, database, { number: 4, seconds, aheadMs: 3_000 }));
    await database.end();

    const report: CountsReport = { machine, seconds, idlePerSecond: idle, costs };
    console.log(JSON.stringify({ idlePerSecond: idle, costs }, null, 2));
    writeReport('counts', report);
  });
}

function databaseOf({ superuserUrl }: Stack): pg.Pool {
  const url = new URL(superuserUrl);
  url.pathname = '/carillon';
  return new pg.Pool({ connectionString: url.toString(), max: 1 });
}

/** Plays a phase and answers the ids of the workflows. */
async function passcodes(
  stack: Stack,
  { number, seconds, statuses }: { number: number; seconds: number; statuses: boolean },
) {
  await sandboxControls(stack.sandboxUrl).prepare({ statuses });
  const plan: Plan = { number, load: { users: USERS }, seconds, warmupSeconds: 0 };
  const { shots } = await playPhase(stack.players.product ?? '', plan);
  const failed = shots.filter(({ verified }) => !verified).length;
  if (failed > 0) throw new Error(`${failed} passcodes were not verified: what was counted is not what it is called.`);
  const database = databaseOf(stack);
  try {
    return await workflowIds(database, 'otp', `select o.tenant_id, o.id from app.otps o where phone like $1`, plan);
  } finally {
    await database.end();
  }
}

async function messages(
  stack: Stack,
  database: pg.Pool,
  { number, seconds, aheadMs }: { number: number; seconds: number; aheadMs?: number },
): Promise<string[]> {
  const tenant = apiClient(stack.apiUrl, stack.keys[0] ?? '');
  const plan: Plan = { number, load: { users: USERS }, seconds, warmupSeconds: 0 };
  const count = Math.round((seconds * 1_000) / MESSAGES_EVERY_MS);
  for (let i = 0; i < count; i += 1) {
    const sendAt = aheadMs === undefined ? undefined : new Date(Date.now() + aheadMs);
    await tenant.sendTemplate(phoneOf(plan, i), sendAt);
    await sleep(MESSAGES_EVERY_MS);
  }
  const sql = `select m.tenant_id, m.id from app.messages m where recipient like $1`;
  return workflowIds(database, 'message', sql, plan);
}

async function workflowIds(database: pg.Pool, kind: string, sql: string, plan: Plan): Promise<string[]> {
  const values = [`${phoneOf(plan, 0).slice(0, -6)}%`];
  const { rows } = await database.query<{ tenant_id: number; id: string }>(sql, values);
  return rows.map(({ tenant_id, id }) => `${kind}/${tenant_id}/${id}`);
}

/** Until nothing is under way any more: no message, no outbox row, no webhook. */
async function settled(database: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ open: boolean }>(
      `select exists (select from app.outbox) or exists (select from app.webhook_inbox where applied_at is null)
         or exists (select from app.flows where status = 'running') as open`,
    );
    if (rows[0]?.open === false) break;
    await sleep(250);
  }
  // Temporal ends a flow after its row has ended and tells its counts each second; the last status is told after 200 ms.
  await sleep(2_500);
}
