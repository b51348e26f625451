// Runs before anything is installed: plain JavaScript, Node 20, no packages.
export { ensureInstalled } from './setup/packages.mjs';
export { ensureTemporal } from './setup/temporal.mjs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './setup/packages.mjs';
import { ensureTemporal } from './setup/temporal.mjs';

if (argv[1] === fileURLToPath(import.meta.url))
  await ensureTemporal({ node: await ensureInstalled(), testServer: true });
