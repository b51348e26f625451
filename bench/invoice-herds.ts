import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { startBareHerd, startBareWorker } from './invoice-bare.ts';
import type { InvoiceClient } from './invoice-client.ts';
import { dueOf, watchHerd, type Herd, type HerdReport } from './invoice-herd.ts';
import { phonesOf } from './invoice-phones.ts';
import type { InvoiceWorkflows } from './invoice-temporal.ts';
import { sandboxControls } from './sandbox.ts';
import type { Stack } from './stack.ts';

/** The bare workflows hear no statuses: "without" is their like. */
export const sides = ['product', 'product without statuses', 'bare'] as const;
export type Side = (typeof sides)[number];
export type Herds = Record<Side, HerdReport>;

/** Reminders that come one by one are late by what a wake takes, and by no queue. */
const CALM = { count: 100, spacingMs: 200 };
const WARM_UP = 50;
/** Bare workflows certainly fall asleep as fast. */
const BARE_PER_SECOND = 50;
const HISTORIES = 20;

type Setting = {
  folder: string;
  stack: Stack;
  client: InvoiceClient;
  workflows: InvoiceWorkflows;
  database: pg.Pool;
  /** How many invoices sleep already, and how many a second fall asleep. */
  asleep: number;
  asleepPerSecond: number;
};

/** `woken`: ids of workflows that have sent their first reminder and sleep again. */
type Measured = { calm: Herds; atOnce: Herds; woken: string[] };

/** Wakes `due` reminders at once, and fewer one by one, on each side in turn. */
export async function measureHerds(setting: Setting, due: number): Promise<Measured> {
  const { folder, stack, client, workflows, database } = setting;
  const sandbox = sandboxControls(stack.sandboxUrl);
  const pids = { ...stack.pids, bare: await startBareWorker(folder, stack) };
  let [asleep, series, ids] = [setting.asleep, 0, [] as string[]];

  const herdOf = (count: number, spacingMs: number, countPerSecond: number): Herd => {
    // Twice as long as making them should take.
    const aheadMs = 10_000 + 2_000 * (count / countPerSecond);
    return { phones: phonesOf((series += 1), count), at: Math.ceil(Date.now() + aheadMs), spacingMs };
  };
  const invoices = async (count: number, spacingMs: number): Promise<HerdReport> => {
    const contacts = await client.contacts(phonesOf(series + 1, count));
    const herd = herdOf(count, spacingMs, setting.asleepPerSecond);
    const dueAt = (i: number) => new Date(dueOf(herd, i));
    const made = await client.due({ name: `due-${series}`, contacts, dueAt }, count);
    await workflows.asleep((asleep += count));
    const report = await watchHerd({ sandbox, pids }, herd);
    await settled(database);
    ids = made.slice(-HISTORIES).map(({ id }) => id);
    return report;
  };
  const bare = async (count: number, spacingMs: number): Promise<HerdReport> => {
    const herd = herdOf(count, spacingMs, BARE_PER_SECOND);
    await startBareHerd(workflows.client, herd);
    return watchHerd({ sandbox, pids }, herd);
  };
  const play = async (side: Side, count: number, spacingMs: number): Promise<HerdReport> => {
    await sandbox.tellStatuses(side === 'product');
    return side === 'bare' ? bare(count, spacingMs) : invoices(count, spacingMs);
  };
  const each = async (what: string, count: number, spacingMs: number): Promise<Herds> => {
    const reports = {} as Herds;
    for (const side of sides) {
      reports[side] = await play(side, count, spacingMs);
      console.log(`${count} reminders due ${what}, ${side}: ${JSON.stringify(reports[side])}`);
      if (reports[side].readyMs < 0) console.log('They were not ready in time: these figures say nothing.');
    }
    return reports;
  };

  // The first reminders of all pay for what is compiled and planned once.
  for (const side of sides) await play(side, Math.min(due, WARM_UP), 0);
  const calm = await each('one by one', Math.min(due, CALM.count), CALM.spacingMs);
  const atOnce = await each('at once', due, 0);
  return { calm, atOnce, woken: await workflowIds(database, ids) };
}

/** Until every invoice sleeps again and every status is applied. */
async function settled(database: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ open: boolean }>(
      `select exists (select from app.outbox) or exists (select from app.webhook_inbox where applied_at is null)
         or exists (select from app.flows where status = 'running' and stage <> 'waiting') as open`,
    );
    if (rows[0]?.open === false) return;
    await sleep(500);
  }
}

async function workflowIds(database: pg.Pool, invoices: string[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select 'invoice/' || tenant_id || '/' || id as id from app.invoices where id = any ($1::uuid[])`,
    [invoices],
  );
  return rows.map(({ id }) => id);
}
