import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServing } from './grpc-health.ts';
import { freePort, isPortFree } from './ports.ts';
import { type Child, type Exit, startChild } from './processes.ts';

export interface TemporalOptions {
  /** Keeps the state across restarts; without it everything lives in memory. */
  dbFile?: string | undefined;
  /** Exactly this port; without it a free one. */
  port?: number | undefined;
  /** The web UI's port; without it there is no UI. */
  uiPort?: number | undefined;
  /** Where it tells its metrics; without it at a port that nobody knows. */
  metricsPort?: number | undefined;
  /** Besides `default`, which is always there. */
  namespaces?: readonly string[];
  /** Dynamic configuration over the defaults, e.g. `{ 'frontend.WorkflowTimeSkippingEnabled': true }`. */
  dynamicConfig?: Record<string, boolean | number | string>;
  log?: ((line: string) => void) | undefined;
}

export interface TemporalServer {
  address: string;
  uiUrl: string | undefined;
  pid: number;
  exited: Promise<Exit>;
  stop(): Promise<void>;
  kill(): void;
}

export const searchAttributes = {
  TenantId: 'Keyword',
  FlowKind: 'Keyword',
  EntityId: 'Keyword',
  Stage: 'Keyword',
  NextActionAt: 'Datetime',
} as const;

const startTimeoutMs = 60_000;

export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const { dbFile, uiPort, namespaces = [], dynamicConfig = {}, log } = options;
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new Error(`Port ${options.port}, where Temporal should listen, is taken.`);
  }
  const port = options.port ?? (await freePort());
  if (dbFile) mkdirSync(dirname(dbFile), { recursive: true, mode: 0o700 });

  const lastLines: string[] = [];
  const child = await startChild({
    name: 'Temporal',
    command: temporalCommand(),
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${port}`,
      ...(uiPort === undefined ? ['--headless'] : [`--ui-port=${uiPort}`, '--ui-disable-news-fetch']),
      ...(options.metricsPort === undefined ? [] : [`--metrics-port=${options.metricsPort}`]),
      ...(dbFile === undefined ? [] : [`--db-filename=${dbFile}`]),
      // Two to ten times the throughput of the default, and safe against a crash of the process.
      '--sqlite-pragma=journal_mode=WAL',
      '--sqlite-pragma=synchronous=NORMAL',
      ...Object.entries({ 'matching.enableFairness': true, ...dynamicConfig }).map(
        ([key, value]) => `--dynamic-config-value=${key}=${JSON.stringify(value)}`,
      ),
      ...Object.entries(searchAttributes).map(([name, type]) => `--search-attribute=${name}=${type}`),
      ...namespaces.map((name) => `--namespace=${name}`),
      '--log-level=warn',
    ],
    env: withoutClientSettings(process.env),
    log: (line) => {
      if (lastLines.push(line) > 5) lastLines.shift();
      log?.(line);
    },
  });
  await becomesReady(child, port, lastLines);
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`,
    pid: child.pid,
    exited: child.exited,
    stop: child.stop,
    kill: child.kill,
  };
}

/** What the entry script found or installed; a script started without it uses the same places. */
export function temporalCommand(): string {
  const installed = join(import.meta.dirname, '..', '..', '.tools', 'bin', 'temporal');
  return process.env['TEMPORAL_CLI'] || (existsSync(installed) ? installed : 'temporal');
}

/** The CLI reads its client settings from TEMPORAL_* variables; they are not meant for a server of ours. */
function withoutClientSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function becomesReady(child: Child, port: number, lastLines: readonly string[]): Promise<void> {
  let ended: Exit | undefined;
  void child.exited.then((exit) => {
    ended = exit;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (!(await isServing(`127.0.0.1:${port}`))) {
    if (ended) throw new Error(['Temporal ended before it was ready:', ...lastLines].join('\n  '));
    if (Date.now() > deadline) {
      child.kill();
      throw new Error(`Temporal was not ready after ${startTimeoutMs / 1000} s.`);
    }
    await sleep(20);
  }
}
