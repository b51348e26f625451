import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

let interrupted = false;

/**
 * Runs a benchmark in a process of its own, which leaves nothing in the memory of the next one. Answers whether it went
 * well. A signal ends the one that runs, and all that would follow.
 */
export async function runApart(args: string[]): Promise<boolean> {
  if (interrupted) return false;
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./main.ts')), ...args], {
    stdio: 'inherit',
    // Out of reach of the terminal's Ctrl-C, which we pass on: twice at once would kill what it should stop.
    detached: true,
  });
  const pass = (signal: NodeJS.Signals) => {
    interrupted = true;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  const [code] = (await once(child, 'exit')) as [number | null];
  for (const signal of signals) process.off(signal, pass);
  if (interrupted) process.exit(130);
  return code === 0;
}
