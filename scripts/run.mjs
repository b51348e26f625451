import { join } from 'node:path';
import { ensureInstalled, ensureTemporal } from './setup.mjs';
import { launch } from './setup/launch.mjs';
import { root } from './setup/project.mjs';

/** `node scripts/run.mjs <program of ours that brings up a stack> [its arguments]`, from a clean clone as well. */
await launch(async () => {
  const [program, ...args] = process.argv.slice(2);
  const node = await ensureInstalled();
  const { cli } = await ensureTemporal({ node, testServer: true });
  return { node, args: [join(root, program), ...args], env: cli ? { TEMPORAL_CLI: cli } : {} };
});
