import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { dropNamespace, makeNamespace } from './own-temporal.ts';
import { folder, namespaces, readShared } from './shared.ts';

/** Where the flows of a stack live. */
export type Namespace = { address: string; name: string; drop(): Promise<void> };

/**
 * A namespace that no other stack has had: on the shared server, or `default` on another one that a test has started.
 * The tests' own server has them from its start; on somebody's own they are made here.
 */
export async function takeNamespace(otherAddress?: string): Promise<Namespace> {
  const nothing = async () => undefined;
  if (otherAddress !== undefined) return { address: otherAddress, name: 'default', drop: nothing };
  const { temporalAddress: address, run } = readShared();
  const free = nextName();
  if (run === undefined) return { address, name: free, drop: nothing };
  const name = `${run}-${free}`;
  await makeNamespace(address, name);
  return { address, name, drop: () => dropNamespace(address, name) };
}

function nextName(): string {
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
