import { parseArgs } from 'node:util';
import type { Pool } from 'pg';
import { Client } from 'undici';
import type { Config } from '../src/config.ts';
import type { Deps } from '../src/context.ts';
import { createOrm, nativePool } from '../src/database.ts';
import { claimMessage } from '../src/services/messages/claim.ts';
import { claimGoverned } from '../src/services/messages/govern.ts';
import { dueMessages, fill, lay, tidy } from './ledger-rows.ts';
import { describeMachine } from './machine.ts';
import { writeReport } from './reports.ts';
import { startStack, type Stack } from './stack.ts';
import { spread } from './statistics.ts';
import { inTemporaryFolder } from './workspace.ts';

const SIZES = [10_000, 100_000] as const;
const AIM = 1.5;
const WARMUP = 20;
type Figures = { p50: number; p99: number };
type Parts = { pool: Pool; http: Client; key: string; tenantId: number; repetitions: number };

/** How long claim, list and sweep take in a small ledger and in one ten times as large. */
export async function benchmarkLedger(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { repetitions: { type: 'string', default: '200' } } });
  await inTemporaryFolder(async (folder) => {
    say('Starting Postgres, Temporal, the sandbox and the API.');
    const stack = await startStack(folder);
    const machine = await describeMachine(stack.superuserUrl);
    const measured: Record<string, Figures>[] = [];
    for (const [index, size] of SIZES.entries()) {
      // New connections: no plan is left of the smaller ledger.
      const parts = await connect(stack, Number(values.repetitions));
      say(`Filling the ledger up to ${size} messages.`);
      await fill(parts, size - (SIZES[index - 1] ?? 0), index);
      measured.push(await measureAll(parts, index));
      await parts.http.close();
      await parts.pool.end();
    }
    const [few = {}, many = {}] = measured;
    const ratios = Object.fromEntries(
      Object.entries(few).map(([what, { p50, p99 }]) => [
        what,
        { p50: round2((many[what]?.p50 ?? NaN) / p50), p99: round2((many[what]?.p99 ?? NaN) / p99) },
      ]),
    );
    console.log(table(few, many, ratios));
    const report = { machine, repetitions: Number(values.repetitions), sizes: SIZES, aim: AIM, ratios, few, many };
    writeReport('ledger', report);
  });
}

/**
 * The product's own pool, whose statements run as the application's role. It signs in as the superuser, so that it can
 * step out of that role to lay rows out. Commits do not wait for the disk, which would hide everything else.
 */
async function connect({ superuserUrl, apiUrl, keys }: Stack, repetitions: number): Promise<Parts> {
  const url = new URL(superuserUrl);
  url.pathname = '/carillon';
  const config = { database: { url: url.toString(), poolSize: 1, prepare: true } } as Config;
  const pool = await nativePool(await createOrm(config), config.database);
  pool.on('connect', (client) => void client.query('set synchronous_commit = off; set role carillon_app'));
  const [tenant] = await lay<{ id: number }>(pool, 'select min(id) as id from app.tenants', []);
  const http = new Client(apiUrl);
  return { pool, http, key: keys[0] ?? '', tenantId: tenant?.id ?? NaN, repetitions };
}

async function measureAll(parts: Parts, round: number): Promise<Record<string, Figures>> {
  const figures: Record<string, Figures> = {};
  const { pool, http, tenantId, key } = parts;
  const deps = { pool } as Deps;

  const due = await dueMessages(parts, WARMUP + parts.repetitions, round);
  figures['claim of a message'] = await time(parts, (i) => [
    () => fullBuckets(pool),
    async () => went(await claimGoverned(deps, tenantId, due.messages[i] ?? '')),
  ]);
  figures['claim of a passcode'] = await time(parts, (i) => [
    () => fullBuckets(pool),
    async () => went(await claimMessage(deps, tenantId, due.passcodes[i] ?? '')),
  ]);
  await lay(pool, `update app.messages set status = 'read', lease_until = null where status = 'sending'`, []);
  await lay(pool, 'delete from app.send_buckets', []);

  const [one] = await lay<{ contact_id: string; recipient: string; flow_id: string }>(
    pool,
    `select contact_id, recipient, flow_id from app.messages where kind = 'direct' and status = 'read' and
       recipient like '+49160%' order by id limit 1`,
    [],
  );
  const filters = {
    all: '',
    ...Object.fromEntries(
      ['status=read', 'status=queued', 'status=unknown', 'status=failed', 'kind=direct', 'kind=otp'].map((f) => [f, f]),
    ),
    'contact_id=…': `contact_id=${one?.contact_id}`,
    'flow_id=…': `flow_id=${one?.flow_id}`,
    'to=…': `to=${encodeURIComponent(one?.recipient ?? '')}`,
  };
  for (const [name, query] of Object.entries(filters)) {
    figures[`list, ${name}`] = await time(parts, () => [
      async () => undefined,
      async () => {
        const path = `/api/v1/messages?${query}`;
        const answer = await http.request({ path, method: 'GET', headers: { 'x-api-key': key } });
        const text = await answer.body.text();
        if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
      },
    ]);
  }

  for (const [name, { before, sql }] of Object.entries(sweeps)) {
    // What was taken back leaves dead rows behind, which are no part of the ledger.
    await tidy(pool);
    figures[name] = await time(parts, () => [
      async () => {
        await pool.query('begin; set local role none');
        await pool.query(before);
        await pool.query('set local role carillon_app');
      },
      () => pool.query(sql),
      () => pool.query('rollback'),
    ]);
  }
  return figures;
}

const some = (count: number) => `(tenant_id, id) in (select tenant_id, id from app.messages
  where status = 'queued' and kind = 'direct' order by id limit ${count})`;
/** Each finds the same work in either ledger, laid out within the transaction that is taken back afterwards. */
const sweeps = {
  lapse_messages: {
    before: `update app.messages set status = 'sending', settle_at = now() - interval '1 minute',
      lease_until = now() - interval '1 minute' where ${some(10)}`,
    sql: 'select app.lapse_messages()',
  },
  doubtful_messages: {
    before: `update app.messages set status = 'unknown', settle_at = now() - interval '1 minute' where ${some(10)}`,
    sql: 'select * from app.doubtful_messages()',
  },
  sweep_send_buckets: {
    before: `insert into app.send_buckets (tenant_id, id, next_at)
      select min(id), 'recipient/' || i, now() - interval '1 minute' from app.tenants, generate_series(1, 10) i
      group by i`,
    sql: 'select app.sweep_send_buckets(1000)',
  },
  overdue_flows: {
    before: `update app.flows set next_action_at = now() - interval '1 hour' where ${some(10)}`,
    sql: `select * from app.overdue_flows('1 minute', '-infinity', '00000000-0000-0000-0000-000000000000', 500)`,
  },
};

/** What `steps` answers: what goes before, what is timed, and what follows. */
type Steps = [before: () => Promise<unknown>, timed: () => Promise<unknown>, after?: () => Promise<unknown>];

async function time({ repetitions }: Parts, steps: (i: number) => Steps): Promise<Figures> {
  const times: number[] = [];
  for (let i = 0; i < WARMUP + repetitions; i += 1) {
    const [before, timed, after] = steps(i);
    await before();
    const startedAt = performance.now();
    await timed();
    // In microseconds: some of these take a fraction of a millisecond.
    if (i >= WARMUP) times.push((performance.now() - startedAt) * 1_000);
    await after?.();
  }
  const { p50 = NaN, p99 = NaN } = spread(times) ?? {};
  return { p50: p50 / 1_000, p99: p99 / 1_000 };
}

/** The pace would hold up the hundredth claim of a second; that is not what is measured here. */
const fullBuckets = (pool: Pool) =>
  lay(pool, `update app.send_buckets set next_at = clock_timestamp() where id like 'number/%'`, []);

function went({ verdict }: { verdict: string }): void {
  if (verdict !== 'go') throw new Error(`A claim answered ${verdict}`);
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
const say = (text: string) => console.log(text);

function table(few: Record<string, Figures>, many: Record<string, Figures>, ratios: Record<string, Figures>): string {
  const line = (what: string, ...cells: string[]) =>
    `  ${what.padEnd(24)}${cells.map((cell) => cell.padStart(11)).join('')}`;
  const ms = (value = NaN) => value.toFixed(2);
  return [
    `\nIn ms; the aim is that the larger ledger takes at most ${AIM} times as long.`,
    line('', '10k p50', '10k p99', '100k p50', '100k p99', 'ratio p50', 'ratio p99'),
    ...Object.entries(few).map(([what, { p50, p99 }]) =>
      line(what, ...[p50, p99, many[what]?.p50, many[what]?.p99, ratios[what]?.p50, ratios[what]?.p99].map(ms)),
    ),
    '',
  ].join('\n');
}
