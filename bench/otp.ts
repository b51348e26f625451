import { contenders, type ContenderName } from './contenders.ts';
import { loadsOf, type LoadReport } from './loads.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measure, type PhaseReport, type Samples } from './measure.ts';
import { readOptions, type Options } from './options.ts';
import { titleOf, type Load } from './phase.ts';
import { ratios, table, type Ratios } from './report.ts';
import { writeReport } from './reports.ts';
import { startStack } from './stack.ts';
import { isWhole } from './whole.ts';
import { inTemporaryFolder } from './workspace.ts';

const WARMUP_SECONDS = 2;

export type OtpReport = {
  machine: Machine;
  options: Options;
  ratios: Ratios;
  loads: LoadReport[];
  /** Each round by itself, in the order of the run. */
  phases: PhaseReport[];
};

/** Passcodes through the whole product, through Temporal alone, and through rows alone, in turn on the same servers. */
export async function benchmarkOtp(args: string[]): Promise<void> {
  const options = readOptions(args);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, Temporal, the sandbox, the API and the others.');
    const players = new Set(options.contenders.map((name) => contenders[name].player));
    const stack = await startStack(folder, { players: [...players], variant: options.variant });
    const machine = await describeMachine(stack.superuserUrl);
    const rounds: { report: PhaseReport; samples: Samples }[] = [];
    for (const [number, { contender, load, seconds, kept }] of schedule(options).entries()) {
      console.log(`${contender}, ${titleOf(load)} for ${seconds} s${kept ? '' : ', not counted'}`);
      const round = await measure(stack, contender, { number, load, seconds, warmupSeconds: WARMUP_SECONDS });
      if (kept) rounds.push(round);
    }
    const [phases, loads] = [rounds.map(({ report }) => report), loadsOf(rounds)];
    console.log(`\n${table(machine, phases, loads)}\n`);
    const report: OtpReport = { machine, options, ratios: ratios(loads), loads, phases };
    writeReport('otp', report, isWhole(readOptions, args));
  });
}

type Entry = { contender: ContenderName; load: Load; seconds: number; kept: boolean };

/** A warm-up of each, then every load with all in turn, then all of it once more, backwards. */
function schedule({ rates, users, seconds, contenders: names }: Options): Entry[] {
  const turn = (load: Load, length: number, kept: boolean): Entry[] =>
    names.map((contender) => ({ contender, load, seconds: length, kept }));
  const round = [
    ...rates.flatMap((rate) => turn({ rate }, seconds, true)),
    ...users.flatMap((count) => turn({ users: count }, seconds / 2, true)),
  ];
  return [...turn({ rate: 25 }, 4, false), ...round, ...round.toReversed()];
}
