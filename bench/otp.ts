import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/dev/programs.ts';
import { describeMachine } from './machine.ts';
import { measure, type PhaseReport, type Side } from './measure.ts';
import { readOptions, type Options } from './options.ts';
import { ratios, table } from './report.ts';
import { startStack } from './stack.ts';
import { inTemporaryFolder } from './workspace.ts';

/** Beyond it, two cores hold no bare client either: its collapse is known and says nothing about the product. */
const BARE_UP_TO = 50;
const WARMUP_SECONDS = 3;

/** Passcodes through the whole product, and through Temporal alone, in turn on the same servers. */
export async function benchmarkOtp(args: string[]): Promise<void> {
  const options = readOptions(args);
  const home = join(root, '.data', 'bench');
  mkdirSync(home, { recursive: true, mode: 0o711 });
  await inTemporaryFolder(home, async (folder) => {
    say('Starting Postgres, Temporal, the sandbox, the API and the bare client.');
    const stack = await startStack(folder);
    const machine = await describeMachine(stack.superuserUrl);
    const phases: PhaseReport[] = [];
    for (const [index, { side, rate, seconds, kept }] of schedule(options).entries()) {
      say(`${side} at ${rate}/s for ${seconds} s${kept ? '' : ', not counted'}`);
      const report = await measure(stack, side, { number: index, rate, seconds, warmupSeconds: WARMUP_SECONDS });
      if (kept) phases.push(report);
    }

    console.log(`\n${table(machine, phases)}\n`);
    const path = join(home, `otp-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
    writeFileSync(path, `${JSON.stringify({ machine, options, ratios: ratios(phases), phases }, null, 2)}\n`);
    say(`The same as JSON: ${path}`);
  });
}

type Entry = { side: Side; rate: number; seconds: number; kept: boolean };

/** A warm-up of each side, then product and bare in turn, the first rate twice. */
function schedule({ rates, seconds, productOnly }: Options): Entry[] {
  const [first = 25, ...others] = rates;
  const pair = (rate: number, length: number, kept: boolean): Entry[] => [
    { side: 'product', rate, seconds: length, kept },
    ...(productOnly || rate > BARE_UP_TO ? [] : [{ side: 'bare' as const, rate, seconds: length, kept }]),
  ];
  return [
    ...pair(first, 3, false),
    ...pair(first, seconds, true),
    ...pair(first, seconds, true),
    ...others.flatMap((rate) => pair(rate, seconds, true)),
  ];
}

const say = (text: string) => console.log(text);
