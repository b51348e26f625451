import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger, readMails, readRows } from './evidence.ts';
import { answers } from './rules/answers.ts';
import { cancels } from './rules/cancels.ts';
import { caused } from './rules/caused.ts';
import { codes } from './rules/codes.ts';
import { counted } from './rules/counted.ts';
import { explained } from './rules/explained.ts';
import { flows } from './rules/flows.ts';
import { ledgerAndRows } from './rules/ledger.ts';
import { invoices } from './rules/invoices.ts';
import { nothingLeft } from './rules/nothing-left.ts';
import { once } from './rules/once.ts';
import { payments } from './rules/payments.ts';
import { promised } from './rules/promised.ts';
import { noDeaths, quietLogs } from './rules/quiet.ts';
import type { Evidence, Rule } from './rules/rule.ts';
import { readWorkflows } from './workflows.ts';
import type { World } from './world.ts';

/** What must hold for ever, of rows and of what the provider took. */
export const lasting: readonly Rule[] = [
  invoices,
  payments,
  cancels,
  once,
  ledgerAndRows,
  explained,
  flows,
  nothingLeft,
  codes,
];

export const rules: readonly Rule[] = [caused, promised, ...lasting, answers, counted, quietLogs, noDeaths];

export type Verdict = { rule: string; breaches: string[] };

type Still = Pick<Evidence, 'rows' | 'ledger' | 'mails' | 'workflows'>;

/** What of the rules changes while things settle. */
const moving = [nothingLeft, flows];

/** Longer than any retry, lease, time-out and round of the reconciler that the product knows. */
const standstillMs = 150_000;
const everyMs = 500;

/**
 * Waits until nothing moves any more. A backlog may take its time; what has come no further for as long as anything may
 * take is left as it is, and is a breach.
 */
export async function settle(world: World, tenantIds: number[]): Promise<Still> {
  const ours = await channelsOf(world, tenantIds);
  let fewest = Infinity;
  let progressAt = performance.now();
  for (;;) {
    // Temporal first: a row that ended since then has a workflow in the list, and the next look has not.
    const workflows = await readWorkflows(world, tenantIds);
    const rows = await readRows(world, tenantIds);
    const ledger = readLedger(world).filter(({ channel_id }) => ours.has(channel_id));
    const still = { workflows, rows, ledger, mails: readMails(world, tenantIds) };
    const left = moving.flatMap((rule) => rule.breaches(still as Evidence)).length;
    if (left < fewest) [fewest, progressAt] = [left, performance.now()];
    if (left === 0 || performance.now() - progressAt > standstillMs) return still;
    await sleep(everyMs);
  }
}

async function channelsOf({ sql }: World, tenantIds: number[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }>('select id from app.channels where tenant_id = any ($1)', [tenantIds]);
  return new Set(rows.map(({ id }) => id));
}

/** What the rules let pass, in figures. */
export const figuresOfRules = (evidence: Evidence): Record<string, number> =>
  Object.assign({}, ...rules.map((rule) => rule.figures?.(evidence) ?? {})) as Record<string, number>;

export const judge = (evidence: Evidence, by: readonly Rule[] = rules): Verdict[] =>
  by.map((rule) => ({ rule: rule.name, breaches: rule.breaches(evidence) }));
