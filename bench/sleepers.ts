import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { apiClient } from './api-client.ts';
import { inParallel } from './loops.ts';
import { describeMachine, type Machine } from './machine.ts';
import { residentMb, sqliteBytes } from './memory.ts';
import { phoneOf, playPhase, type Plan } from './phase.ts';
import { writeReport } from './reports.ts';
import { sandboxControls } from './sandbox.ts';
import { startStack, type Stack } from './stack.ts';
import { inTemporaryFolder } from './workspace.ts';

/** What is measured is what stays, not the speed. */
const AT_ONCE = 8;
const ABOUT_PER_SECOND = 30;
const MESSAGES_PHASE = 99;
const AHEAD_MS = 30 * 24 * 3_600_000;

/** Memory at rest and bytes on the disk. */
type Level = { flows: number; apiMb: number; temporalMb: number; databaseBytes: number; temporalBytes: number };
type PerFlow = { databaseBytes: number; temporalBytes: number };
type Series = { levels: Level[]; bytesPerFlow: PerFlow; apiMbRatio: number };

export type SleepersReport = { machine: Machine; ended: Series; asleep: Series };

/** What stays of passcodes that have ended, and of messages that sleep until next month. */
export async function benchmarkSleepers(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { flows: { type: 'string', default: '1000,10000' } } });
  const sizes = values.flows.split(',').map(Number);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox and the API.');
    const stack = await startStack(folder, { players: ['product'] });
    const machine = await describeMachine(stack.superuserUrl);
    const url = new URL(stack.superuserUrl);
    url.pathname = '/carillon';
    const database = new pg.Pool({ connectionString: url.toString(), max: 1 });
    const grow = async (name: string, upTo: (wanted: number) => Promise<number>): Promise<Series> => {
      const levels = [await levelOf(stack, database, 0)];
      for (const wanted of sizes) {
        console.log(`${wanted} ${name}`);
        levels.push(await levelOf(stack, database, await upTo(wanted)));
      }
      return seriesOf(levels);
    };

    const ended = await grow('passcodes that have ended', (wanted) => passcodes(stack, database, wanted));
    const tenant = apiClient(stack.apiUrl, stack.keys[0] ?? '');
    await tenant.makeTemplate();
    let planned = 0;
    const asleep = await grow('messages asleep', async (wanted) => {
      const plan: Plan = { number: MESSAGES_PHASE, load: { users: AT_ONCE }, seconds: 0, warmupSeconds: 0 };
      const sendAt = new Date(Date.now() + AHEAD_MS);
      await inParallel(wanted - planned, AT_ONCE, () => tenant.sendTemplate(phoneOf(plan, (planned += 1)), sendAt));
      await until(
        database,
        `select not exists (select from app.outbox)
           and not exists (select from app.flows where status = 'running' and stage = 'planned') as done`,
      );
      return wanted;
    });
    await database.end();
    const report: SleepersReport = { machine, ended, asleep };
    console.log(JSON.stringify({ ended, asleep }, null, 2));
    writeReport('sleepers', report);
  });
}

let phases = 0;

/** Plays passcodes until there are as many, and answers how many there are. */
async function passcodes(stack: Stack, database: pg.Pool, wanted: number): Promise<number> {
  for (;;) {
    const { rows } = await database.query<{ count: string }>(`select count(*) from app.otps where status = 'verified'`);
    const flows = Number(rows[0]?.count);
    if (flows >= wanted) return flows;
    // Also forgets the sandbox's own ledger, which is no part of the product.
    await sandboxControls(stack.sandboxUrl).prepare({ statuses: true });
    const seconds = Math.min(60, Math.max(2, (wanted - flows) / ABOUT_PER_SECOND));
    await playPhase(stack.players.product ?? '', {
      number: (phases += 1),
      load: { users: AT_ONCE },
      seconds,
      warmupSeconds: 0,
    });
    await until(
      database,
      `select not exists (select from app.outbox)
         and not exists (select from app.webhook_inbox where applied_at is null) as done`,
    );
  }
}

async function until(database: pg.Pool, sql: string): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ done: boolean }>(sql);
    if (rows[0]?.done) return;
    await sleep(500);
  }
}

async function levelOf(stack: Stack, database: pg.Pool, flows: number): Promise<Level> {
  const { api = NaN, temporal = NaN } = stack.pids;
  const mb = await residentMb({ api, temporal });
  await database.query('checkpoint');
  const { rows } = await database.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  const temporalBytes = sqliteBytes(stack.temporal.file);
  return { flows, apiMb: mb.api, temporalMb: mb.temporal, databaseBytes: Number(rows[0]?.bytes), temporalBytes };
}

/** From the first size to the last: what everything weighs before is in neither. */
function seriesOf(levels: Level[]): Series {
  const [first, last] = [levels[1], levels.at(-1)];
  const [before] = levels;
  if (!before || !first || !last) throw new Error('--flows takes at least one number');
  const from = first === last ? before : first;
  const each = (bytes: (level: Level) => number) => Math.round((bytes(last) - bytes(from)) / (last.flows - from.flows));
  return {
    levels,
    bytesPerFlow: { databaseBytes: each((l) => l.databaseBytes), temporalBytes: each((l) => l.temporalBytes) },
    apiMbRatio: Math.round((last.apiMb / first.apiMb) * 100) / 100,
  };
}
