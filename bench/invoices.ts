import { parseArgs } from 'node:util';
import { bulkPace } from '../src/domain/pacing.ts';
import { apiClient } from './api-client.ts';
import { tasksOf, type Tasks } from './histories.ts';
import { invoiceClient } from './invoice-client.ts';
import { measureHerds, type Herds, type Side } from './invoice-herds.ts';
import { growthOf, levelOf, type InvoiceLevel } from './invoice-levels.ts';
import { phonesOf } from './invoice-phones.ts';
import { measureStarts, type Starts } from './invoice-starts.ts';
import { invoiceWorkflows } from './invoice-temporal.ts';
import { describeMachine, type Machine } from './machine.ts';
import { listOf, positive } from './options.ts';
import { writeReport } from './reports.ts';
import { databaseOf, startStack } from './stack.ts';
import { isWhole } from './whole.ts';
import { inTemporaryFolder } from './workspace.ts';

const MONTH_MS = 30 * 24 * 3_600_000;
/** The most that a channel may be set to: how Carillon paces a number is not what is measured. */
const UNPACED = 1_000;
const WARM_UP = 20;

export type InvoicesReport = {
  machine: Machine;
  levels: InvoiceLevel[];
  growth: ReturnType<typeof growthOf>;
  starts: Starts[];
  /** Reminders that come one after the other, and all at one instant. */
  calm: Herds;
  atOnce: Herds;
  drainRatio: Record<Exclude<Side, 'bare'>, number>;
  /** What an invoice cost Temporal until it slept again after its first reminder. */
  tasks: Tasks;
  /** How long as many take a number with the usual pace, in seconds; by rule, not measured. */
  paced: { perSecond: number; seconds: number };
};

const read = (args: string[]) => {
  const { values } = parseArgs({
    args,
    options: { invoices: { type: 'string', default: '1000,10000' }, due: { type: 'string', default: '1000' } },
  });
  return { sizes: listOf('invoices', values.invoices), due: positive('due', values.due) };
};

/** Invoices with three reminders: how fast they start, what they weigh asleep, and how fast many wake. */
export async function benchmarkInvoices(args: string[]): Promise<void> {
  const { sizes, due } = read(args);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox, the API and a worker.');
    const stack = await startStack(folder, { workerApart: true });
    const machine = await describeMachine(stack.superuserUrl);
    const database = databaseOf(stack);
    const client = invoiceClient(apiClient(stack.apiUrl, stack.keys[0] ?? ''));
    const workflows = await invoiceWorkflows(stack.temporal.address);
    const perSecond = await client.pace(UNPACED);

    const contacts = await client.contacts(phonesOf(0, due));
    const series = (name: string) => ({ name, contacts, dueAt: () => new Date(Date.now() + MONTH_MS) });
    // Templates are made and approved, and first statements planned, before anything counts.
    await client.asleep(series('first'), WARM_UP);
    await workflows.asleep(WARM_UP);

    const levels = [await levelOf(stack, database, 0)];
    const starts: Starts[] = [];
    for (const [n, wanted] of sizes.entries()) {
      const before = sizes[n - 1] ?? 0;
      const counts = { count: wanted - before, before: before + WARM_UP };
      const make = () => client.asleep(series(`asleep-${n}`), counts.count);
      const measured = await measureStarts({ pids: stack.pids, workflows }, counts, make);
      levels.push(await levelOf(stack, database, wanted));
      starts.push(measured);
      console.log(`${wanted} invoices asleep: ${JSON.stringify([measured, levels.at(-1)])}`);
    }

    const asleep = (sizes.at(-1) ?? 0) + WARM_UP;
    const setting = { folder, stack, client, workflows, database, asleep, asleepPerSecond: starts.at(-1)?.asleep ?? 1 };
    const { calm, atOnce, woken } = await measureHerds(setting, due);
    const tasks = await tasksOf(stack.temporal.address, woken);
    await Promise.all([database.end(), workflows.close()]);

    const ratio = (side: Side) => Math.round((atOnce[side].drainMs / atOnce.bare.drainMs) * 100) / 100;
    const report: InvoicesReport = {
      machine,
      levels,
      growth: growthOf(levels),
      starts,
      calm,
      atOnce,
      drainRatio: { product: ratio('product'), 'product without statuses': ratio('product without statuses') },
      tasks,
      paced: { perSecond, seconds: pacedSeconds(due, perSecond) },
    };
    console.log(JSON.stringify(report, null, 2));
    writeReport('invoices', report, isWhole(read, args));
  });
}

function pacedSeconds(count: number, perSecond: number): number {
  const { everyMs, burst } = bulkPace(perSecond);
  return (Math.max(0, count - burst) * everyMs) / 1_000;
}
