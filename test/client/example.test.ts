import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { folder } from '../harness/shared.ts';
import { codeIn, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const client = join(import.meta.dirname, '../../clients/typescript');
const example = readFileSync(join(client, 'example.ts'), 'utf8');

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
});
afterAll(() => stack.close());

test('the lines of the readme go from signing in to a verified code', async () => {
  expect(readFileSync(join(client, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(15);

  const home = mkdtempSync(join(folder, 'client-'));
  mkdirSync(join(home, '.data'));
  writeFileSync(join(home, '.data', 'dev.json'), JSON.stringify({ api_url: stack.apiUrl, admin: stack.admin }));
  const run = spawn(process.execPath, [join(client, 'example.ts')], { cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
  const [output, complaints, exited] = [text(run.stdout), text(run.stderr), once(run, 'exit')];
  const [message] = await until(
    () => stack.messagesOn('+1234567890'),
    (list) => list.length > 0 || run.exitCode !== null,
  );
  run.stdin.end(`${codeIn(message)}\n`);
  const [code] = await exited;
  expect([code, await complaints, await output]).toEqual([0, '', expect.stringContaining('verified: true')]);
});
