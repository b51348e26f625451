import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

/** Variables that are set already win over the file. */
export function readDotEnv() {
  const path = join(root, '.env');
  // Node before 20.12 cannot read it; the launcher, on Node 24, reads it again.
  if (existsSync(path)) process.loadEnvFile?.(path);
}
