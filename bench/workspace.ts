import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { killChildren, stopChildren } from '../scripts/dev/processes.ts';
import { reportsFolder } from './reports.ts';
import { stopOrder } from './stack.ts';

/** Runs `work` in a fresh folder; afterwards, and on Ctrl-C, every process is stopped and the folder removed. */
export async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(reportsFolder(), 'run-'));
  // Where root starts Postgres, another user runs it and has to pass.
  chmodSync(folder, 0o711);
  let ending: Promise<void> | undefined;
  const end = () =>
    (ending ??= stopChildren(stopOrder).finally(() => {
      removeData(folder);
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

/** Postgres' files may live elsewhere, behind a link. */
function removeData(folder: string): void {
  const link = join(folder, 'postgres', 'cluster');
  if (existsSync(link)) {
    const cluster = realpathSync(link);
    if (!cluster.startsWith(realpathSync(folder))) rmSync(dirname(cluster), { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}
