import { parseArgs } from 'node:util';
import { countersOf, perRequest, type Cost, type Idle } from './cost.ts';
import { countedWork, settled } from './counts-work.ts';
import { tasksSince, type Tasks } from './histories.ts';
import { describeMachine, type Machine } from './machine.ts';
import { positive } from './options.ts';
import { writeReport } from './reports.ts';
import { createSqlCounts } from './sql-counts.ts';
import { listenToFlights } from './sql-flights.ts';
import { startSqlProxy } from './sql-proxy.ts';
import { databaseOf, startStack } from './stack.ts';
import { isWhole } from './whole.ts';
import { inTemporaryFolder } from './workspace.ts';

/** What happens once a minute is in it once. */
const IDLE_MS = 60_000;

export type CountsReport = {
  machine: Machine;
  seconds: number;
  /** Each second while nobody asks for anything. */
  idle: { product: Idle; rows: Idle; bare: Idle };
  /** By what was done; one passcode is a send and a verification. `tasks`: absent where there is no workflow. */
  costs: Record<string, Cost & { tasks?: Tasks }>;
};

const read = (args: string[]) => {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string', default: '20' } } });
  return { seconds: positive('seconds', values.seconds) };
};

/** What a request costs, counted and not timed: round trips and commits of Postgres, calls and tasks of Temporal. */
export async function benchmarkCounts(args: string[]): Promise<void> {
  const { seconds } = read(args);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox, the API and the others, with listeners before Postgres.');
    // A bare client asks no database.
    const sql = { product: createSqlCounts(), rows: createSqlCounts(), bare: createSqlCounts() };
    const stack = await startStack(folder, {
      players: ['product', 'bare', 'rows'],
      databaseThrough: (url, who) => startSqlProxy(url, listenToFlights(sql[who].note)),
    });
    const machine = await describeMachine(stack.superuserUrl);
    const database = databaseOf(stack);
    // Its transactions are nobody's requests.
    await database.query('alter system set autovacuum = off');
    await database.query('select pg_reload_conf()');
    const { metricsUrl, address } = stack.temporal;
    const counters = {
      product: countersOf({ counts: sql.product, database, metricsUrl }),
      rows: countersOf({ counts: sql.rows, database, metricsUrl }),
      bare: countersOf({ counts: sql.bare, database, metricsUrl }),
    };
    const work = countedWork(stack, seconds);

    // Windows of limits and the first statements of connections are not what a request costs.
    for (const player of ['product', 'bare', 'rows'] as const) {
      await work.passcodes(player, { statuses: player === 'product', length: 2 });
    }
    await settled(database);
    const [product, rows, bare] = await Promise.all([
      counters.product.idle(IDLE_MS),
      counters.rows.idle(IDLE_MS),
      counters.bare.idle(IDLE_MS),
    ]);
    const idle = { product, rows, bare };
    const costs: CountsReport['costs'] = {};
    const count = async (what: string, who: keyof typeof counters, does: () => Promise<number>) => {
      console.log(what);
      await settled(database);
      const since = new Date();
      const before = await counters[who].read();
      const requests = await does();
      await settled(database);
      const cost = perRequest(before, await counters[who].read(), idle[who], requests);
      const tasks = await tasksSince(address, since);
      costs[what] = tasks ? { ...cost, tasks } : cost;
    };
    await count('passcode', 'product', () => work.passcodes('product', { statuses: true }));
    await count('passcode, without statuses', 'product', () => work.passcodes('product'));
    await count('passcode, bare', 'bare', () => work.passcodes('bare'));
    await count('passcode, rows', 'rows', () => work.passcodes('rows'));
    await work.prepareMessages();
    await count('message, sent at once', 'product', () => work.messages());
    await count('message, planned 3 s ahead', 'product', () => work.messages(3_000));
    await count('invoice with three reminders, until it sleeps', 'product', await work.prepareInvoices());
    await database.end();

    const report: CountsReport = { machine, seconds, idle, costs };
    console.log(JSON.stringify({ idle, costs }, null, 2));
    writeReport('counts', report, isWhole(read, args));
  });
}
