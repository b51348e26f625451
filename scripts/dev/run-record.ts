import { linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isSameProcess, type ProcessIdentity, sendSignal, waitUntilGone } from './process-identity.ts';
import { readJson, writeJson } from './state-file.ts';

interface RecordedChild extends ProcessIdentity {
  name: string;
  stopSignal: NodeJS.Signals;
}

interface Run {
  launcher: ProcessIdentity;
  /** In the order they were started. */
  children: RecordedChild[];
}

export interface RunRecord {
  /** The children of a launcher that was killed; empty after a run that ended in order. */
  left: RecordedChild[];
  add(child: { name: string; pid: number; stopSignal: NodeJS.Signals }): void;
  remove(pid: number): void;
  close(): void;
}

/** Takes `.data/run.json` for this launcher; refused while another launcher of the same folder lives. */
export function openRunRecord(dataDir: string): RunRecord {
  const path = join(dataDir, 'run.json');
  const launcher = identify(process.pid);
  if (!launcher) throw new Error('This process cannot be found in the process table.');
  const run: Run = { launcher, children: claim(path, launcher) };
  const left = [...run.children];
  return {
    left,
    add({ name, pid, stopSignal }) {
      const identity = identify(pid);
      if (!identity) return;
      run.children.push({ name, stopSignal, ...identity });
      writeJson(path, run);
    },
    remove(pid) {
      run.children = run.children.filter((child) => child.pid !== pid);
      writeJson(path, run);
    },
    close: () => rmSync(path, { force: true }),
  };
}

/** Stops what a killed launcher left running, last started first; a pid that is another program's by now is left alone. */
export async function stopLeft(record: RunRecord, say: (text: string) => void): Promise<void> {
  for (const child of record.left.toReversed()) {
    if (isSameProcess(child)) {
      say(`Stopping the ${child.name} that the last run left behind (pid ${child.pid}).`);
      sendSignal(child.pid, child.stopSignal);
      if (!(await waitUntilGone(child, 5000))) {
        sendSignal(-child.pid, 'SIGKILL');
        await waitUntilGone(child, 5000);
      }
    }
    record.remove(child.pid);
  }
}

function claim(path: string, launcher: ProcessIdentity): RecordedChild[] {
  for (;;) {
    const previous = readJson<Run>(path);
    if (previous && isSameProcess(previous.launcher)) {
      throw new Error(
        `Carillon is already running from this folder (pid ${previous.launcher.pid}). Stop it first, or use what it printed.`,
      );
    }
    const children = previous?.children ?? [];
    const draft = `${path}.claim.${process.pid}`;
    writeJson(draft, { launcher, children } satisfies Run);
    try {
      if (previous) takeAside(path, previous);
      // Linking fails when another launcher was faster, which renaming would not notice.
      linkSync(draft, path);
      return children;
    } catch (error) {
      if (!['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function takeAside(path: string, expected: Run): void {
  const aside = `${path}.old.${process.pid}`;
  renameSync(path, aside);
  const taken = readJson<Run>(aside);
  if (taken?.launcher.startedAt !== expected.launcher.startedAt) renameSync(aside, path);
  else rmSync(aside);
}
