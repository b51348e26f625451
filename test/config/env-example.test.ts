import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('.env.example names every setting that a process reads', () => {
  const example = new Set([...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name));
  const readByProcesses = ['src/config.ts', 'src/sandbox/config.ts', 'src/migrate.ts'].flatMap((path) =>
    [...read(path).matchAll(/^\s+([A-Z][A-Z_]+):|process\.env\['([A-Z_]+)'\]/gm)].map(([, a, b]) => a ?? b),
  );
  expect(readByProcesses.length).toBeGreaterThan(25);
  expect(readByProcesses.filter((name) => !example.has(name))).toEqual([]);
});
