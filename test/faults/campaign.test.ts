import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { root } from '../../scripts/dev/programs.ts';

/** What of the campaign says most in a few minutes, with shorter faults; `npm run test:faults` plays all of it. */
const scenarios = ['kill-worker-answer', 'database-lies', 'clock', 'thousand-flows'];

test('the campaign of faults finds nothing in its quick scenarios', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['test/faults/campaign/main.ts', ...scenarios, '--quick', '--seed', '1'],
    { cwd: root, maxBuffer: 64 * 1024 ** 2 },
  ).catch((error: Error & { stdout?: string }) => {
    throw new Error(error.stdout || error.message);
  });
  for (const scenario of scenarios) expect(stdout).toMatch(new RegExp(`^ok +${scenario} `, 'm'));
}, 360_000);
