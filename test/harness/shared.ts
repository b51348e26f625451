import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What global set-up has brought up, for the workers of Jest to read. */
export type Shared = {
  superuserUrl: string;
  temporalAddress: string;
  bundlePath: string;
  /** Set where Temporal is somebody's own: what this run's namespaces there begin with. */
  run?: string;
};

export const folder = join(import.meta.dirname, '../../.data/test');
/** What Node has compiled of the product. */
export const compileCache = join(folder, 'compile-cache');
export const TEMPLATE = 'carillon_template';
export const passwords = { ownerPassword: 'owner-of-tests', appPassword: 'app-of-tests' };

/** One Temporal namespace for each stack, so that files that run at once do not take each other's tasks. */
export const namespaces = Array.from({ length: 220 }, (_, i) => `test-${i + 1}`);

export const readShared = (): Shared => JSON.parse(readFileSync(join(folder, 'shared.json'), 'utf8')) as Shared;
