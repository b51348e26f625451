import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Koa from 'koa';
import { readRawBody } from '../../src/api/json-body.ts';
import { deadline } from '../../src/api/middleware/deadline.ts';

const DEADLINE_MS = 1_000;
const server = createServer();

beforeAll(async () => {
  const app = new Koa();
  app.use(async (koa, next) => {
    try {
      await next();
    } catch (error) {
      koa.status = (error as { status: number }).status;
      koa.body = (error as Error).message;
    }
  });
  app.use(deadline(DEADLINE_MS));
  app.use(async (koa) => {
    const body = await readRawBody(koa.req, 1_000);
    if (koa.path === '/hangs') await new Promise(() => undefined);
    koa.body = body.toString();
  });
  server.on('request', app.callback());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Posts piece by piece, with a pause before each but the first. */
async function post(path: string, pieces: string[]): Promise<[number | undefined, string]> {
  const { port } = server.address() as AddressInfo;
  const call = request({ port, path, method: 'POST' });
  const answered = new Promise<[number | undefined, string]>((resolve, reject) => {
    call.on('error', reject).on('response', (response) => {
      void text(response).then((body) => resolve([response.statusCode, body]));
    });
  });
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await delay(DEADLINE_MS / 2);
    call.write(piece);
  }
  call.end();
  return answered;
}

test('the time that a body is on its way is not taken from the handler', async () => {
  expect(await post('/', ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([200, 'abcdef']);
});

test.each([[['a']], [['a', 'b', 'c', 'd']]])('a handler that takes too long is 503, after %j', async (pieces) => {
  expect(await post('/hangs', pieces)).toEqual([503, 'The request took too long.']);
});
