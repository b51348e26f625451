import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { read, services } from './compose.ts';

/** Answers what the test says; the checks are run as they stand, only at its port. */
let status = 200;
let asked = '';
const server = createServer((request, response) => {
  asked = request.url ?? '';
  response.writeHead(status).end();
});
let port = 0;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());

async function run([program = '', ...args]: string[], at = port): Promise<number | null> {
  const moved = args.map((arg) => arg.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${at}`));
  const child = spawn(program, moved, { stdio: 'ignore', env: { PATH: process.env['PATH'], PORT: String(at) } });
  const [code] = await once(child, 'exit');
  return code as number | null;
}

const inImage = /^HEALTHCHECK[^\n]*\n\s+CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '[]';
const [, ...api] = services['api']?.healthcheck?.test ?? [];
const [, ...worker] = services['worker']?.healthcheck?.test ?? [];
const [, ...sandbox] = services['sandbox']?.healthcheck?.test ?? [];

test.each([
  ['the image', JSON.parse(inImage) as string[], '/healthz', 200, 503],
  ['api', api, '/readyz', 200, 503],
  ['worker', worker, '/readyz', 200, 503],
  ['sandbox', sandbox, '/', 401, 502],
])('the check of %s tells a process that can work from one that cannot', async (_name, check, path, good, bad) => {
  status = good;
  expect(await run(check)).toBe(0);
  expect(asked).toBe(path);
  status = bad;
  expect(await run(check)).toBe(1);
  // Nobody listens there.
  expect(await run(check, 1)).toBe(1);
});
