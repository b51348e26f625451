import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { root, say, SetupError } from './project.mjs';

const folder = join(root, '.tools', 'schemathesis');
const requirements = join(root, 'tools', 'schemathesis.txt');
const marker = join(folder, '.complete');

/** Finds or installs Schemathesis, pinned with all that it needs, and returns its path. */
export async function ensureSchemathesis() {
  if (!isComplete()) {
    await withSetupLock(() => {
      if (!isComplete()) install();
    });
  }
  return join(folder, 'bin', 'schemathesis');
}

const fingerprint = () => createHash('sha256').update(readFileSync(requirements)).digest('hex');
/** Written last, so a folder that an interrupted install left behind does not count. */
const isComplete = () => existsSync(marker) && readFileSync(marker, 'utf8') === fingerprint();

function install() {
  const python = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))']).status === 0,
  );
  if (!python) throw new SetupError('npm run test:api needs Python 3.11 or newer with its venv module.');
  say('installing Schemathesis into .tools (about 30 MB from the Python package index)');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  run(python, ['-m', 'venv', folder]);
  const how = '--quiet --no-input --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes'.split(
    ' ',
  );
  run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', ...how, '-r', requirements]);
  writeFileSync(marker, fingerprint());
}

function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new SetupError(`Schemathesis could not be installed: ${error?.message ?? stderr.trim()}`);
}
