import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sendSignal } from './process-identity.ts';

export interface ChildOptions {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Receives every line of the child's stdout and stderr. */
  log?: ((line: string) => void) | undefined;
  stopSignal?: NodeJS.Signals;
  stopTimeoutMs?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  name: string;
  pid: number;
  stopSignal: NodeJS.Signals;
  /** Never rejects: how a process ended is an answer, not a failure. */
  exited: Promise<Exit>;
  /** Every line it wrote was given to the log. */
  drained: Promise<unknown>;
  stop(): Promise<void>;
  kill(): void;
}

export interface ChildObserver {
  started(child: Child): void;
  ended(child: Child): void;
}

const running = new Map<number, Child>();
let observer: ChildObserver | undefined;
let closing = false;
// A parent that ends by an exception or process.exit must not leave its children behind.
process.on('exit', () => {
  for (const child of running.values()) sendSignal(child.pid, child.stopSignal);
});

/** Tells of every child from its first moment on, before it is known whether it becomes ready. */
export function observeChildren(next: ChildObserver): void {
  observer = next;
}

/** Stops every child, those that `order` does not name first, each one after the one before it is gone. Nothing starts any more. */
export async function stopChildren(order: readonly string[]): Promise<void> {
  closing = true;
  const named = (name: string) => [...running.values()].filter((child) => child.name === name);
  await Promise.all([...running.values()].filter(({ name }) => !order.includes(name)).map((child) => child.stop()));
  for (const name of order) await Promise.all(named(name).map((child) => child.stop()));
}

export function killChildren(): void {
  closing = true;
  for (const child of running.values()) child.kill();
}

/** Starts a program in a process group of its own, out of reach of the terminal's Ctrl-C, so that stopping has an order. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, command, args, log, stopSignal = 'SIGTERM', stopTimeoutMs = 10_000 } = options;
  if (closing) throw new Error(`${name} is not started: everything is being stopped.`);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
  });
  const pid = child.pid as number;
  child.on('error', (error) => log?.(error.message));
  const drained = Promise.all(
    [child.stdout, child.stderr].map((input) => {
      const lines = createInterface({ input, crlfDelay: Infinity }).on('line', (line) => log?.(line));
      return new Promise((resolve) => lines.once('close', resolve));
    }),
  );

  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(pid);
      observer?.ended(handle);
      resolve({ code, signal });
    });
  });
  const kill = () => {
    if (running.has(pid)) sendSignal(-pid, 'SIGKILL');
  };
  const stop = async () => {
    if (!running.has(pid)) return;
    sendSignal(pid, stopSignal);
    const deadline = setTimeout(kill, stopTimeoutMs);
    await exited;
    clearTimeout(deadline);
  };
  const handle: Child = { name, pid, stopSignal, exited, drained, stop, kill };
  running.set(pid, handle);
  observer?.started(handle);
  return handle;
}

/** Runs a program to its end; one that fails is an error that shows the last lines it wrote. */
export async function runToEnd(options: ChildOptions): Promise<string[]> {
  const lines: string[] = [];
  const child = await startChild({
    ...options,
    log: (line) => {
      lines.push(line);
      options.log?.(line);
    },
  });
  const exit = await child.exited;
  await child.drained;
  if (exit.code !== 0) {
    throw new Error([`${options.name} ${describeExit(exit)}:`, ...lines.slice(-15)].join('\n  '));
  }
  return lines;
}

export function describeExit({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
