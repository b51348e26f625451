import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, say } from './project.mjs';

const path = join(root, '.data', 'setup.lock');
// A pid can be given to another program; no set-up takes this long.
const oldestMs = 20 * 60_000;

/** Runs `work` while no other set-up of this folder runs. The lock of one that was killed is taken over. */
export async function withSetupLock(work) {
  mkdirSync(join(root, '.data'), { recursive: true, mode: 0o711 });
  const mine = `${process.pid} ${randomBytes(8).toString('hex')}`;
  for (let waiting = false; !acquire(mine);) {
    const holder = read(path);
    if (holder === undefined) continue;
    if (isAbandoned(holder)) takeAside(holder);
    else {
      if (!waiting) say(`another set-up is at work (pid ${parseInt(holder, 10)}), waiting for it`);
      waiting = true;
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    if (read(path) === mine) rmSync(path);
  }
}

function acquire(mine) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, mine);
  try {
    // Linking is what makes this one step: whoever sees the lock sees its holder too.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function isAbandoned(holder) {
  const pid = parseInt(holder, 10);
  // A zombie answers to signals; in a container nobody may ever reap it.
  if (/\) [ZX] /.test(read(`/proc/${pid}/stat`) ?? '')) return true;
  try {
    process.kill(pid, 0);
    return Date.now() - statSync(path).mtimeMs > oldestMs;
  } catch (error) {
    return error.code !== 'EPERM';
  }
}

/** Another process may have taken the abandoned lock over in the meantime: then it is put back. */
function takeAside(holder) {
  const aside = `${path}.${process.pid}.old`;
  try {
    renameSync(path, aside);
    if (read(aside) !== holder) renameSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  rmSync(aside, { force: true });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
