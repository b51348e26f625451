import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, sendSignal, waitUntilGone } from './process-identity.ts';

const impossiblePid = 2 ** 31 - 1;

/** What postmaster.pid says, whether or not it is still true. */
export interface Postmaster {
  pid: number;
  ready: boolean;
}

export function readPostmaster(cluster: string): Postmaster | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

/** Stops the postmaster that a killed launcher left on this cluster, and frees a lock that names a dead or foreign pid. */
export async function stopLeftPostmaster(cluster: string, log?: (line: string) => void): Promise<void> {
  const left = readPostmaster(cluster);
  if (!left) return;
  const identity = identify(left.pid);
  if (!identity || !servesCluster(identity.pid, identity.command, cluster)) {
    disownLock(cluster);
    return;
  }
  log?.(`Stopping the Postgres that was left running (pid ${identity.pid}).`);
  // Fast shutdown first, then the immediate one, which recovers from the log at the next start.
  for (const [signal, timeoutMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    sendSignal(identity.pid, signal);
    if (await waitUntilGone(identity, timeoutMs)) return;
  }
  throw new Error(`The Postgres with pid ${identity.pid} on ${cluster} could not be stopped.`);
}

/**
 * Postgres takes any pid that answers for its predecessor: a zombie that nobody reaps, a program that was given the
 * number later. The rest of the lock stays, since it names the memory that surviving backends may still hold.
 */
function disownLock(cluster: string): void {
  const path = join(cluster, 'postmaster.pid');
  const [, ...rest] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [impossiblePid, ...rest].join('\n'));
}

function servesCluster(pid: number, command: string, cluster: string): boolean {
  if (!/postgres/.test(command)) return false;
  const folder = realpathSync(cluster);
  try {
    // Postgres works from inside its data folder.
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return command.includes(cluster) || command.includes(folder);
  }
}
