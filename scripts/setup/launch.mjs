import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SetupError } from './project.mjs';

/** Runs `prepare`, then the program it returns in place of this one: its signals, its exit code. */
export async function launch(prepare) {
  let program;
  try {
    program = await prepare();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
  const { node, args, env, ownGroup = false } = program;
  const child = spawn(node, args, {
    env: { ...process.env, ...env },
    // In a group of its own it gets a Ctrl-C once, from here; by the channel it notices if this process is killed.
    detached: ownGroup,
    stdio: ownGroup ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
