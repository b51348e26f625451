import { existsSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { expect, test } from '@jest/globals';
import { memoryBounds } from '../../scripts/dev/programs.ts';
import { composeText, read, root } from './compose.ts';

/** Docker's reading of .dockerignore, as far as ours goes: the last line that names a path, or a folder above it, decides. */
const lines = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

function isInContext(path: string): boolean {
  const above = path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'));
  // Docker's * also stands for names that begin with a dot.
  const last = lines.findLast((line) => line === '*' || above.some((part) => matchesGlob(part, line.replace('!', ''))));
  return last === undefined || last.startsWith('!');
}

/** A file of ours with all that it imports, and they import. */
function withImports(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const [, path = ''] of read(entry).matchAll(/(?:from|import\(|import) ?'(\.{1,2}\/[^']+)'/g))
    withImports(join(dirname(entry), path), seen);
  return seen;
}

const documents = ['README.md', 'docs/operations.md'].map(read).join('\n');
const started = [...`${composeText}\n${documents}`.matchAll(/node,? ((?:src|scripts)\/[\w/-]+\.ts)/g)].map(
  ([, path = '']) => path,
);
const scripts = Object.values<string>(JSON.parse(read('package.json')).scripts)
  .flatMap((script) => [...script.matchAll(/^node ((?:src|scripts)\/[\w/-]+\.ts)$/g)].map(([, path = '']) => path))
  .filter(isInContext);

test.each([...new Set(['server.ts', 'worker.ts', ...started, ...scripts])])(
  'the image has %s with all that it imports',
  (entry) => {
    expect(existsSync(new URL(entry, root))).toBe(true);
    const files = [...withImports(entry)];
    expect(files.filter((file) => !isInContext(file))).toEqual([]);
  },
);

test('what only a checkout needs is not in the image', () => {
  expect(isInContext('src/config.ts')).toBe(true);
  const left = [
    'test/harness/stack.ts',
    'scripts/dev.ts',
    'scripts/dev/stack.ts',
    '.env',
    '.data/secrets.json',
    '.git/HEAD',
  ];
  expect(left.filter(isInContext)).toEqual([]);
});

test('a process of the image has its memory bounded as one of `npm start` and of the benchmarks has', () => {
  const variables = [...read('Dockerfile').matchAll(/^(?:ENV| {3}) ([A-Z_]+)=(.+?)(?: \\)?$/gm)];
  expect(Object.fromEntries(variables.map(([, name, value]) => [name, value]))).toMatchObject(memoryBounds);
});
