import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { folder, namespaces } from './shared.ts';

/** A namespace that no other stack of this run has had. */
export function takeNamespace(): string {
  const taken = join(folder, 'namespaces');
  mkdirSync(taken, { recursive: true });
  for (const name of namespaces) {
    try {
      closeSync(openSync(join(taken, name), 'wx'));
      return name;
    } catch {
      // Another stack has it.
    }
  }
  throw new Error('There are more stacks than namespaces: raise their number in test/harness/shared.ts');
}
