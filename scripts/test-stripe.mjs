import { join } from 'node:path';
import { ensureInstalled } from './setup.mjs';
import { launch } from './setup/launch.mjs';
import { root } from './setup/project.mjs';
import { ensureStripeMock } from './setup/stripe-mock.mjs';

await launch(async () => ({
  node: await ensureInstalled(),
  args: [join(root, 'test', 'adapters', 'stripe', 'mock.ts'), ...process.argv.slice(2)],
  env: { STRIPE_MOCK: await ensureStripeMock() },
}));
