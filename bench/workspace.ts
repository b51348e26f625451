import { killChildren, stopChildren } from '../scripts/dev/processes.ts';
import { makeRunFolder, removeRunFolder } from '../scripts/dev/run-folder.ts';
import { reportsFolder } from './reports.ts';
import { stopOrder } from './stack.ts';

/** Runs `work` in a fresh folder; afterwards, and on Ctrl-C, every process is stopped and the folder removed. */
export async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = makeRunFolder(reportsFolder());
  let ending: Promise<void> | undefined;
  const end = () =>
    (ending ??= stopChildren(stopOrder).finally(() => {
      removeRunFolder(folder);
    }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending) killChildren();
      void end().finally(() => process.exit(130));
    });
  }
  try {
    await work(folder);
  } catch (error) {
    // Whatever fails because everything is being stopped is no news.
    if (!ending) throw error;
  } finally {
    await end();
  }
}
