import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { epochClock } from './clock.ts';
import { describeMachine, type Machine } from './machine.ts';
import { listOf, positive } from './options.ts';
import { createPartFlights } from './part-flights.ts';
import { partsOf, type Parts } from './part-steps.ts';
import { playPhase, titleOf } from './phase.ts';
import { writeReport } from './reports.ts';
import { sandboxControls } from './sandbox.ts';
import { listenToFlights } from './sql-flights.ts';
import { startSqlProxy } from './sql-proxy.ts';
import { startStack } from './stack.ts';
import { isWhole } from './whole.ts';
import { inTemporaryFolder } from './workspace.ts';

const players = ['product', 'bare', 'rows'] as const;
type Player = (typeof players)[number];

export type PartsReport = {
  machine: Machine;
  seconds: number;
  /** By the load's title. */
  loads: Record<string, Record<Player, Parts>>;
};

const read = (args: string[]) => {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '20' }, rates: { type: 'string', default: '5,25' } },
  });
  return { seconds: positive('seconds', values.seconds), rates: listOf('rates', values.rates) };
};

/** Where the milliseconds of a passcode go, without statuses: each is followed from the wire to Postgres and back. */
export async function benchmarkParts(args: string[]): Promise<void> {
  const { seconds, rates } = read(args);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox, the API and the others, with listeners before Postgres.');
    let [now, flights] = [epochClock(), createPartFlights()];
    const listener = listenToFlights(
      (flight) => flights.note(flight),
      () => now(),
    );
    const databaseThrough = (url: string) => startSqlProxy(url, listener);
    const stack = await startStack(folder, { players, databaseThrough });
    const machine = await describeMachine(stack.superuserUrl);
    const sandbox = sandboxControls(stack.sandboxUrl);
    let number = 0;
    const play = async (player: Player, rate: number, length: number): Promise<Parts> => {
      [now, flights] = [epochClock(), createPartFlights()];
      await sandbox.prepare({ statuses: false });
      await sleep(1_500);
      const plan = { number: (number += 1), load: { rate }, seconds: length, warmupSeconds: 2 };
      const { shots } = await playPhase(stack.players[player] ?? '', plan);
      return partsOf({ shots, arrivals: await sandbox.arrivals(), flights }, player === 'product');
    };
    for (const player of players) await play(player, 25, 4);
    const loads: PartsReport['loads'] = {};
    for (const rate of rates) {
      const parts = {} as Record<Player, Parts>;
      for (const player of players) {
        console.log(`${player}, ${rate}/s for ${seconds} s`);
        parts[player] = await play(player, rate, seconds);
      }
      loads[titleOf({ rate })] = parts;
    }
    console.log(JSON.stringify(loads, null, 2));
    writeReport('parts', { machine, seconds, loads } satisfies PartsReport, isWhole(read, args));
  });
}
