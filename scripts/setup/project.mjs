import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export const say = (text) => console.error(`setup: ${text}`);

/** Something the person has to do; shown without a stack. */
export class SetupError extends Error {}
