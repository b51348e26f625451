import { join } from 'node:path';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';
import { type Child, describeExit, runToEnd, startChild } from './processes.ts';

/** A program of this repository, run by the Node that runs us. */
export interface Program {
  name: string;
  file: string;
  env: NodeJS.ProcessEnv;
  /** Not for a program whose output is a secret. */
  log?: LogFile;
  /** Sees every line beside the log. */
  onLine?: (line: string) => void;
}

export const root = join(import.meta.dirname, '..', '..');

/**
 * What bounds the memory of a process, as the Dockerfile does; what a program is given itself comes after it, and wins.
 * V8's space for new objects grows with the load, in each thread up to several times the 32 MiB of a large machine, and
 * the C library opens eight arenas for each core; neither gives much back. docs/performance.md says what this saves and
 * costs.
 */
export const memoryBounds = { NODE_OPTIONS: '--max-semi-space-size=8', MALLOC_ARENA_MAX: '2' };

const readyTimeoutMs = 60_000;

export async function startProgram(program: Program, isReady: () => Promise<boolean>): Promise<Child> {
  const child = await startChild({ ...nodeProcess(program), stopTimeoutMs: 35_000 });
  let ended: string | undefined;
  void child.exited.then((exit) => {
    ended = describeExit(exit);
  });
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await isReady())) {
    if (ended === undefined && Date.now() < deadline) {
      await sleep(50);
      continue;
    }
    child.kill();
    await child.drained;
    const what = ended ?? `was not ready after ${readyTimeoutMs / 1000} s`;
    throw new Error(
      [`${program.name} ${what}; from ${program.log?.path}:`, ...(program.log?.tail() ?? [])].join('\n  '),
    );
  }
  return child;
}

/** The first JSON line that a program writes; how long it takes to end after that is nobody's business. */
export async function askProgram(program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const onLine = (line: string) => {
      if (line.startsWith('{')) resolve(line);
    };
    runProgram({ ...program, onLine }).then(() => reject(new Error(`${program.name} gave no answer.`)), reject);
  });
}

export function runProgram(program: Program): Promise<string[]> {
  return runToEnd(nodeProcess(program));
}

export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

function nodeProcess({ name, file, env, log, onLine }: Program) {
  return {
    name,
    command: process.execPath,
    args: [join(root, file)],
    cwd: root,
    env: { ...memoryBounds, ...env, NODE_OPTIONS: `${memoryBounds.NODE_OPTIONS} ${env['NODE_OPTIONS'] ?? ''}` },
    log: (line: string) => {
      log?.write(line);
      onLine?.(line);
    },
  };
}
