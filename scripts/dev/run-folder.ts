import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeLinkedCluster } from './postgres-cluster.ts';

/** A fresh folder for one run and its servers. Where root starts Postgres, another user runs it and has to pass. */
export function makeRunFolder(home: string): string {
  const folder = mkdtempSync(join(home, 'run-'));
  chmodSync(folder, 0o711);
  return folder;
}

export function removeRunFolder(folder: string): void {
  removeLinkedClusters(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** What of a run lies elsewhere: Postgres' files, of its one world or of each. */
export function removeLinkedClusters(folder: string): void {
  const patterns = ['postgres', '*/postgres'];
  for (const dataDir of globSync(patterns, { cwd: folder })) removeLinkedCluster(join(folder, dataDir));
}
