import { execFileSync, spawnSync } from 'node:child_process';

/** The user a server runs as; undefined means the user we are. */
export interface Account {
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root, so root lends it a user that every system has, without creating one. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
      );
      if (uid && gid) return { uid, gid };
    } catch {
      // No such user here.
    }
  }
  throw new Error(
    'Postgres cannot run as root and there is neither a user "postgres" nor "nobody". Run this as an ordinary user.',
  );
}

/** Asked of the system itself: modes, access lists and mounts all have a say. */
export function canEnter(path: string, account: Account): boolean {
  return spawnSync('test', ['-x', path], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}
