import { join } from 'node:path';
import { ensureInstalled, ensureTemporal } from './setup.mjs';
import { launch } from './setup/launch.mjs';
import { readDotEnv } from './setup/dot-env.mjs';
import { root } from './setup/project.mjs';

await launch(async () => {
  readDotEnv();
  const node = await ensureInstalled();
  const temporal = await ensureTemporal({ node });
  return {
    node,
    args: [join(root, 'scripts', 'dev.ts'), ...process.argv.slice(2)],
    env: temporal.cli ? { TEMPORAL_CLI: temporal.cli } : {},
    ownGroup: true,
  };
});
