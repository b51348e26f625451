import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { killChildren } from '../../../scripts/dev/processes.ts';
import { root } from '../../../scripts/dev/programs.ts';
import { withDisk } from './disk.ts';
import { readOptions } from './options.ts';
import { isBroken, tell, writeReport } from './report.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { play, type Result } from './stage.ts';
import { createWorld, type World } from './world.ts';

/** `node test/faults/campaign/main.ts [scenario…] [--quick] [--seed N] [--minutes 10] [--list] [--keep]` */
const options = readOptions(process.argv.slice(2));
const say = (text: string) => console.log(text);

if (options.list) {
  for (const { name, about } of scenarios) say(`${name.padEnd(22)}${about}`);
  process.exit(0);
}
const unknown = options.names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}; --list shows them all`);

const home = join(root, '.data', 'faults');
mkdirSync(home, { recursive: true });
const run = mkdtempSync(join(home, 'run-'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    killChildren();
    process.exit(130);
  });

const silent = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };
const bundle = join(run, 'workflows.js');
const workflowsPath = join(root, 'src/workflows/index.ts');
writeFileSync(bundle, (await bundleWorkflowCode({ workflowsPath, logger: silent })).code);

const chosen =
  options.names.length > 0
    ? scenarios.filter(({ name }) => options.names.includes(name))
    : scenarios.filter(({ long }) => !options.quick || !long);
const results: Result[] = [];
const skipped: Record<string, string> = {};
const wellUsed = { worlds: 0, world: undefined as World | undefined };
say(`seed ${options.seed}`);

const open = (folder: string): Promise<World> => createWorld(folder, { bundle });
const nextFolder = (): string => join(run, `world-${(wellUsed.worlds += 1)}`);

/** A world is used again as long as nothing was found in it. */
async function one(scenario: Scenario): Promise<Result> {
  if (scenario.diskMb !== undefined)
    return withDisk(nextFolder(), scenario.diskMb, async (folder) => {
      const own = await open(folder);
      return play(own, scenario, { ...options, say }).finally(() => own.close());
    });
  wellUsed.world ??= await open(nextFolder());
  return play(wellUsed.world, scenario, { ...options, say });
}

for (const scenario of chosen) {
  const reason = scenario.impossible?.();
  if (reason !== undefined) {
    skipped[scenario.name] = reason;
    say(`skip   ${scenario.name.padEnd(22)} ${reason}`);
    continue;
  }
  const result = await one(scenario).catch((error: unknown): Result => {
    const breaches = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    const nothing = { seconds: 0, settledSeconds: 0, figures: {}, answers: {} };
    return { scenario: scenario.name, ...nothing, verdicts: [{ rule: 'played', breaches }] };
  });
  results.push(result);
  say(tell(result));
  if (!isBroken(result)) continue;
  await wellUsed.world?.close();
  wellUsed.world = undefined;
}
await wellUsed.world?.close();

const broken = results.filter(isBroken);
say(`${writeReport(home, options.seed, results, skipped)}; seed ${options.seed}`);
if (broken.length > 0) say(`Broken: ${broken.map(({ scenario }) => scenario).join(', ')}; its logs are in ${run}`);
else if (!options.keep) rmSync(run, { recursive: true, force: true });
process.exit(broken.length > 0 ? 1 : 0);
