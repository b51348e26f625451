import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, openCluster, rememberPort } from './postgres-cluster.ts';
import { freePort } from './ports.ts';
import { readPostmaster, stopLeftPostmaster } from './postmaster.ts';
import { type Child, type Exit, startChild } from './processes.ts';

export interface PostgresOptions {
  /** Created when it is not there; everything of this server lives below it. */
  dataDir: string;
  /** Exactly this port; without it the last one, or a free one. */
  port?: number | undefined;
  /** Server settings over the defaults, e.g. `{ fsync: 'off' }` for a throwaway cluster. */
  settings?: Record<string, string>;
  log?: ((line: string) => void) | undefined;
}

export interface PostgresServer {
  superuserUrl: string;
  port: number;
  pid: number;
  exited: Promise<Exit>;
  stop(): Promise<void>;
  kill(): void;
}

const defaults = {
  listen_addresses: '127.0.0.1',
  // Sockets live in shared folders, where two servers of one port would meet.
  unix_socket_directories: '',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  fsync: 'on',
  // Statements and details quote values, and values are people's.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

const startTimeoutMs = 60_000;
// Backends outlive a killed postmaster for a moment and keep its memory.
const leftoversTimeoutMs = 15_000;

export async function startPostgres({ dataDir, port, settings, log }: PostgresOptions): Promise<PostgresServer> {
  const cluster = await openCluster(dataDir, log);
  await stopLeftPostmaster(cluster.folder, log);
  const chosen = port ?? (await freePort(cluster.superuser.port));
  const child = await startPostmaster(cluster, chosen, { ...defaults, ...settings }, log);
  rememberPort(cluster, chosen);
  return {
    superuserUrl: `postgresql://postgres:${cluster.superuser.password}@127.0.0.1:${chosen}/postgres`,
    port: chosen,
    pid: child.pid,
    exited: child.exited,
    stop: child.stop,
    kill: child.kill,
  };
}

async function startPostmaster(
  { folder, binaries, account }: Cluster,
  port: number,
  settings: Record<string, string>,
  log?: (line: string) => void,
): Promise<Child> {
  const started = Date.now();
  for (;;) {
    const lines: string[] = [];
    const child = await startChild({
      name: 'Postgres',
      command: binaries.postgres,
      args: [
        '-D',
        folder,
        '-p',
        String(port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: '/',
      ...account,
      // Fast shutdown: SIGTERM would wait for every client to leave.
      stopSignal: 'SIGINT',
      stopTimeoutMs: 20_000,
      log: (line) => {
        if (lines.length < 50) lines.push(line);
        log?.(line);
      },
    });
    if (await becomesReady(child, folder)) return child;
    await child.drained;
    const reason = lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
    const leftovers = /pre-existing shared memory block|postmaster\.pid" already exists/.test(reason);
    if (!leftovers || Date.now() - started > leftoversTimeoutMs)
      throw new Error(`Postgres did not start: ${reason.trim()}`);
    await sleep(100);
  }
}

async function becomesReady(child: Child, cluster: string): Promise<boolean> {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (!ended) {
    const postmaster = readPostmaster(cluster);
    if (postmaster?.pid === child.pid && postmaster.ready) return true;
    if (Date.now() > deadline) {
      child.kill();
      throw new Error(`Postgres was not ready after ${startTimeoutMs / 1000} s.`);
    }
    await sleep(10);
  }
  return false;
}
