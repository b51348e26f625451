import { join } from 'node:path';
import { ensureInstalled, ensureTemporal } from './setup.mjs';
import { launch } from './setup/launch.mjs';
import { root } from './setup/project.mjs';

await launch(async () => {
  const node = await ensureInstalled();
  const temporal = await ensureTemporal({ node, testServer: true });
  return {
    node,
    args: [
      // ES modules in Jest are an experiment of Node's; Jest's workers inherit both flags.
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...process.argv.slice(2),
    ],
    env: {
      ...(temporal.cli ? { TEMPORAL_CLI: temporal.cli } : {}),
      ...(temporal.testServer ? { TEMPORAL_TEST_SERVER: temporal.testServer } : {}),
    },
  };
});
