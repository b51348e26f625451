import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { exampleSettings, read, root, settings } from './compose.ts';

test('.env.example names every setting that a process reads', () => {
  const parts = readdirSync(new URL('src/config', root)).map((file) => `src/config/${file}`);
  const owner = [...read('src/migrate.ts').matchAll(/process\.env\['([A-Z_]+)'\]/g)].map(([, name]) => name);
  const all = [...settings('src/config.ts', 'src/sandbox/config.ts', ...parts), ...owner];
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((name) => !exampleSettings.has(name))).toEqual([]);
});

test('.env.example gives no secret a value, and every setting a comment', () => {
  const lines = read('.env.example').split('\n');
  const secrets = lines.filter((line) => /^[A-Z_]*(PASSWORD|SECRET|SALT|KEYS?|PEPPERS|TOKEN|DSN)[A-Z_]*=./.test(line));
  expect(secrets).toEqual([]);
  for (const section of read('.env.example').trim().split(/\n\n+/)) expect(section).toMatch(/^#/);
});
