import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyPostgresBinaries, findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { type Account, canEnter, unprivilegedAccount } from './postgres-account.ts';
import { runToEnd } from './processes.ts';
import { readJson, writeJson } from './state-file.ts';

interface Superuser {
  password: string;
  port?: number;
}

export interface Cluster {
  folder: string;
  binaries: PostgresBinaries;
  account: Account | undefined;
  superuser: Superuser;
  secretFile: string;
}

/** Where only root may look, root's own programs must look elsewhere. */
const sharedHome = '/var/lib/carillon';

/** Opens the cluster below `dataDir`, made at the first call: `cluster/` is Postgres' own, `superuser.json` ours. */
export async function openCluster(dataDir: string, log?: (line: string) => void): Promise<Cluster> {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const link = join(dataDir, 'cluster');
  const secretFile = join(dataDir, 'superuser.json');
  const found = findPostgresBinaries();
  const exists = existsSync(link);
  const account = accountFor(exists ? link : undefined);
  if (account) chmodSync(dataDir, 0o711);

  const reachable = !account || canEnter(found.postgres, account);
  const binaries = reachable ? found : copyPostgresBinaries(found, sharedHome);
  if (exists) {
    const superuser = readJson<Superuser>(secretFile);
    if (!superuser)
      throw new Error(
        `${secretFile} is missing: without its password ${link} is of no use. Remove both to start afresh.`,
      );
    return { folder: realpathSync(link), binaries, account, superuser, secretFile };
  }

  const superuser = { password: randomBytes(24).toString('base64url') };
  writeJson(secretFile, superuser);
  // Only a link whose target is gone can still be here.
  rmSync(link, { force: true });
  let home = dataDir;
  if (account && !canEnter(dataDir, account)) {
    home = join(sharedHome, randomBytes(6).toString('hex'));
    mkdirSync(home, { recursive: true, mode: 0o711 });
    log?.(`The user that runs Postgres may not enter ${dataDir}: its data goes to ${home}.`);
    symlinkSync(join(home, 'cluster'), link);
  }
  log?.('Creating the database cluster.');
  await createCluster(join(home, 'cluster'), binaries, account, superuser.password);
  return { folder: realpathSync(link), binaries, account, superuser, secretFile };
}

/** Removes a cluster that `openCluster` has laid elsewhere, and nothing where it lies below `dataDir`. */
export function removeLinkedCluster(dataDir: string): void {
  const link = join(dataDir, 'cluster');
  if (!existsSync(link)) return;
  const home = dirname(realpathSync(link));
  if (dirname(home) === realpathSync(sharedHome)) rmSync(home, { recursive: true, force: true });
}

export function rememberPort({ secretFile, superuser }: Cluster, port: number): void {
  if (superuser.port !== port) writeJson(secretFile, { ...superuser, port });
}

/** The owner of an existing cluster runs it, whoever started it first. */
function accountFor(cluster: string | undefined): Account | undefined {
  const me = process.getuid?.();
  if (cluster === undefined || me === undefined) return unprivilegedAccount();
  const { uid, gid } = statSync(cluster);
  if (me === 0 && uid !== 0) return { uid, gid };
  if (me !== uid) throw new Error(`${cluster} belongs to another user (uid ${uid}). Start as that user, or remove it.`);
  return unprivilegedAccount();
}

async function createCluster(
  cluster: string,
  binaries: PostgresBinaries,
  account: Account | undefined,
  password: string,
): Promise<void> {
  const secretDir = mkdtempSync(join(tmpdir(), 'carillon-initdb-'));
  const passwordFile = join(secretDir, 'password');
  // Made beside its place and moved there whole, so that an interrupted start leaves no half a cluster.
  const partial = `${cluster}.${randomBytes(4).toString('hex')}`;
  try {
    removePartials(cluster);
    mkdirSync(partial, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (account) for (const path of [partial, secretDir, passwordFile]) chownSync(path, account.uid, account.gid);
    await runToEnd({
      name: 'initdb',
      command: binaries.initdb,
      args: [
        '-D',
        partial,
        '-U',
        'postgres',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
      ],
      cwd: '/',
      ...account,
    });
    renameSync(partial, cluster);
  } finally {
    rmSync(secretDir, { recursive: true, force: true });
    rmSync(partial, { recursive: true, force: true });
  }
}

function removePartials(cluster: string): void {
  const folder = join(cluster, '..');
  for (const name of readdirSync(folder)) {
    if (/^cluster\.[0-9a-f]{8}$/.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
