import { contenders, type ContenderName } from './contenders.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measure, type PhaseReport } from './measure.ts';
import { defaultContenders, readOptions, type Options } from './options.ts';
import { titleOf, type Load } from './phase.ts';
import { ratios, table, type Ratios } from './report.ts';
import { writeReport } from './reports.ts';
import { startStack } from './stack.ts';
import { inTemporaryFolder } from './workspace.ts';

/** Beyond it, two cores hold no bare client either: its collapse is known and says nothing about the product. */
const BARE_UP_TO = 50;
const WARMUP_SECONDS = 3;

export type OtpReport = { machine: Machine; options: Options; ratios: Ratios; phases: PhaseReport[] };

/** Passcodes through the whole product, through Temporal alone, and through rows alone, in turn on the same servers. */
export async function benchmarkOtp(args: string[]): Promise<void> {
  const options = readOptions(args);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox, the API and the others.');
    const players = new Set(options.contenders.map((name) => contenders[name].player));
    const stack = await startStack(folder, { players: [...players], variant: options.variant });
    const machine = await describeMachine(stack.superuserUrl);
    const phases: PhaseReport[] = [];
    for (const [number, { contender, load, seconds, kept }] of schedule(options).entries()) {
      console.log(`${contender}, ${titleOf(load)} for ${seconds} s${kept ? '' : ', not counted'}`);
      const report = await measure(stack, contender, { number, load, seconds, warmupSeconds: WARMUP_SECONDS });
      if (kept) phases.push(report);
    }
    console.log(`\n${table(machine, phases)}\n`);
    // One that lacks a contender is a trial: the page shows none.
    writeReport(isWhole(options) ? 'otp' : 'trial', {
      machine,
      options,
      ratios: ratios(phases),
      phases,
    } satisfies OtpReport);
  });
}

const isWhole = ({ contenders: names }: Options) => defaultContenders.every((name) => names.includes(name));

type Entry = { contender: ContenderName; load: Load; seconds: number; kept: boolean };

/** A warm-up of each, then all in turn, the first rate twice. */
function schedule({ rates, users, seconds, contenders: names }: Options): Entry[] {
  const turn = (load: Load, length: number, kept: boolean): Entry[] =>
    names
      .filter((name) => name !== 'bare' || !('rate' in load) || load.rate <= BARE_UP_TO)
      .map((contender) => ({ contender, load, seconds: length, kept }));
  const loads: Load[] = [
    ...rates.slice(0, 1).map((rate) => ({ rate })),
    ...rates.map((rate) => ({ rate })),
    ...users.map((count) => ({ users: count })),
  ];
  return [...turn({ rate: 25 }, 3, false), ...loads.flatMap((load) => turn(load, seconds, true))];
}
