import { join } from 'node:path';
import { ensureInstalled, ensureTemporal } from './setup.mjs';
import { launch } from './setup/launch.mjs';
import { root } from './setup/project.mjs';
import { ensureSchemathesis } from './setup/schemathesis.mjs';

await launch(async () => {
  const node = await ensureInstalled();
  const temporal = await ensureTemporal({ node, testServer: true });
  return {
    node,
    args: [join(root, 'test', 'api', 'schemathesis.ts'), ...process.argv.slice(2)],
    env: {
      SCHEMATHESIS: await ensureSchemathesis(),
      ...(temporal.cli ? { TEMPORAL_CLI: temporal.cli } : {}),
    },
  };
});
