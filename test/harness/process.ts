import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { compileCache } from './shared.ts';

export type TestProcess = {
  readonly pid: number;
  /** All that it has written so far, on both streams. */
  output(): string;
  /** SIGKILL: nothing of it gets to clean up. */
  kill(): Promise<void>;
  /** SIGTERM, and the exit code of an ordered stop. */
  stop(): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

const root = new URL('../..', import.meta.url).pathname;

/** Starts one of the product's own processes, as it is run in production, and waits until `ready` answers true. */
export async function startProcess(
  entry: string,
  env: Record<string, string>,
  ready: () => Promise<boolean>,
): Promise<TestProcess> {
  const child = spawn(process.execPath, [entry], {
    cwd: root,
    env: { PATH: process.env['PATH'], NODE_ENV: 'test', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const give = async (signal: NodeJS.Signals) => {
    if (running()) child.kill(signal);
    return exited;
  };
  const started: TestProcess = {
    pid: child.pid ?? 0,
    output: () => output,
    kill: async () => void (await give('SIGKILL')),
    stop: async () => (await give('SIGTERM')).code,
    signal: (signal) => void child.kill(signal),
    exited,
  };

  const giveUpAt = performance.now() + 30_000;
  while (!(await ready())) {
    if (!running()) throw new Error(`${entry} ended before it was ready:\n${output}`);
    if (performance.now() > giveUpAt) {
      await started.kill();
      throw new Error(`${entry} was not ready in time:\n${output}`);
    }
    await delay(50);
  }
  return started;
}

/** Whether a URL answers 200 now. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
