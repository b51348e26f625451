import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { killChildren } from '../../../scripts/dev/processes.ts';
import { root } from '../../../scripts/dev/programs.ts';
import { makeRunFolder, removeRunFolder } from '../../../scripts/dev/run-folder.ts';
import { readOptions } from './options.ts';
import { writePage } from './page.ts';
import { tell, writeReport } from './report.ts';
import { isBroken, notPlayed, type Result } from './result.ts';
import { scenarios } from './scenarios/index.ts';
import { createWorlds } from './worlds.ts';

/** `node test/faults/campaign/main.ts [scenario…] [--quick] [--seed N] [--minutes 10] [--list] [--page] [--keep]` */
const options = readOptions(process.argv.slice(2));
const say = (text: string) => console.log(text);
const home = join(root, '.data', 'faults');

if (options.list) {
  for (const { name, about } of scenarios) say(`${name.padEnd(22)}${about}`);
  process.exit(0);
}
if (options.page) {
  writePage(home);
  process.exit(0);
}
const unknown = options.names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}; --list shows them all`);

mkdirSync(home, { recursive: true });
const run = makeRunFolder(home);
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
const [at, started] = [new Date().toISOString(), performance.now()];
const worlds = createWorlds(run, { ...options, bundle, say });
const results: Result[] = [];
const skipped: Record<string, string> = {};
say(`seed ${options.seed}`);

/** Longer than any scenario takes, with what it leaves to settle. Who waits for ever has found something as well. */
const longestMinutes = 30 + options.minutes;

async function inTime(name: string, work: Promise<Result[]>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(longestMinutes * 60_000, 'late' as const, { signal: timer.signal, ref: false });
  const played = work.catch((error: unknown) => [notPlayed(name, error)]);
  const ended = await Promise.race([played, late.catch(() => 'late' as const)]);
  timer.abort();
  const found = ended === 'late' ? [notPlayed(name, `It did not end within ${longestMinutes} minutes`)] : ended;
  results.push(...found);
  for (const result of found) say(tell(result));
  // What goes on in it would meet whatever comes next.
  if (ended === 'late') finish(false);
}

for (const scenario of chosen) {
  const reason = scenario.impossible?.();
  if (reason === undefined) {
    await inTime(scenario.name, worlds.play(scenario));
    continue;
  }
  skipped[scenario.name] = reason;
  say(`skip   ${scenario.name.padEnd(22)} ${reason}`);
}
await inTime('afterwards', worlds.close());
finish(!options.quick && options.names.length === 0);

function finish(whole: boolean): never {
  const { seed, minutes, keep } = options;
  const seconds = Math.round((performance.now() - started) / 1_000);
  const path = writeReport(home, { at, seed, minutes, whole, seconds, machine: worlds.machine(), skipped, results });
  say(`${path}; seed ${seed}`);
  const broken = results.filter(isBroken);
  if (broken.length > 0) say(`Broken: ${broken.map(({ scenario }) => scenario).join(', ')}; its logs are in ${run}`);
  else if (!keep) removeRunFolder(run);
  killChildren();
  process.exit(broken.length > 0 ? 1 : 0);
}
