import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { root, say, SetupError } from './project.mjs';

const binaries = join(root, 'node_modules', '.bin');

/** Brings node_modules in line with package-lock.json and returns the path of a Node 24. */
export async function ensureInstalled() {
  if (!isInstalled()) {
    await withSetupLock(() => {
      if (!isInstalled()) install();
    });
  }
  return findNode24();
}

/** npm notes what it installed, at the very end, in a lock file of the same form inside node_modules. */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted) throw new SetupError('package-lock.json is missing or damaged.');
  if (!present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = present[path];
    if (!found) return Boolean(entry.optional || entry.devOptional || entry.peer);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  say('installing the npm packages (npm ci); this takes a minute the first time');
  // `npm start` puts node_modules/.bin first, and with it the very Node that npm is about to replace.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== binaries);
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: path.join(delimiter) },
  });
  if (error) throw new SetupError(`npm could not be run: ${error.message}`);
  if (status !== 0) throw new SetupError('npm ci failed; its own words are above.');
}

function findNode24() {
  const packaged = join(binaries, 'node');
  if (existsSync(packaged) && (realpathSync(packaged) === realpathSync(process.execPath) || isNode24(packaged)))
    return packaged;
  if (major(process.version) >= 24) return process.execPath;
  throw new SetupError(
    `Node 24 is needed. This is Node ${process.versions.node}, and no package of Node 24 works on ` +
      `${process.platform}-${process.arch} (or optional packages were left out).\n` +
      'Get it with `nvm install 24`, `fnm install 24`, `brew install node@24` or from nodejs.org, and run this again.',
  );
}

function isNode24(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 && major(stdout) >= 24;
}

const major = (version) => Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
