import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { killChildren, observeChildren, stopChildren } from './dev/processes.ts';
import { root } from './dev/programs.ts';
import { openRunRecord, stopLeft, type RunRecord } from './dev/run-record.ts';
import { loadSecrets } from './dev/secrets.ts';
import { checkPort, loadSettings } from './dev/settings.ts';
import { startStack, stopOrder } from './dev/stack.ts';
import { writeJson } from './dev/state-file.ts';
import { createSupervisor } from './dev/supervisor.ts';
import { welcome } from './dev/welcome.ts';

// One press of Ctrl-C can arrive as several signals: from the terminal, from npm, from the entry script.
const sameSignalMs = 300;

const dataDir = join(root, '.data');
const ending = new AbortController();
const say = (text: string) => console.log(text);
let record: RunRecord | undefined;
let firstSignalAt = 0;

async function end(code: number): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort();
  await stopChildren(stopOrder);
  record?.close();
  process.exit(code);
}

function giveUp(error: unknown): void {
  if (ending.signal.aborted) return;
  console.error(`\nError: ${error instanceof Error ? error.message : String(error)}\n`);
  void end(1);
}

function onSignal(): void {
  if (ending.signal.aborted) {
    if (Date.now() - firstSignalAt < sameSignalMs) return;
    say('Stopping at once.');
    killChildren();
    process.exit(130);
  }
  firstSignalAt = Date.now();
  say('\nStopping; Ctrl-C again stops at once.');
  void end(0);
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
process.on('SIGHUP', onSignal);
// The entry script holds the other end: it was killed.
process.on('disconnect', () => void end(1));
process.on('uncaughtException', giveUp);
// The terminal may close while we stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const startedAt = performance.now();
  const settings = loadSettings();
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const run = (record = openRunRecord(dataDir));
  observeChildren({ started: (child) => run.add(child), ended: (child) => run.remove(child.pid) });
  await stopLeft(run, say);
  await checkPort(settings);

  const secrets = loadSecrets(dataDir, process.env);
  const supervise = createSupervisor({ say, giveUp, ending: ending.signal });
  const dev = await startStack({ dataDir, settings, secrets, supervise, say });
  writeJson(join(dataDir, 'dev.json'), dev);
  console.log(welcome(dev, ((performance.now() - startedAt) / 1000).toFixed(1)));
} catch (error) {
  giveUp(error);
}
