import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.ts';
import { createOrm, nativePool } from '../../src/database.ts';
import { migrate } from '../../src/migrations/run.ts';
import { databaseTls } from '../../src/config/database-tls.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { makeCertificates, type Certificates } from './tls.ts';

let stack: Stack;
let certificates: Certificates;
let front: Server;
let encrypted = 0;
const sockets = new Set<Socket>();

/** What stands before a hosted Postgres: it takes those who ask for TLS, and nobody else. */
beforeAll(async () => {
  stack = await createStack();
  certificates = makeCertificates();
  const target = new URL(stack.database.appUrl);
  const [key, cert] = [readFileSync(certificates.serverKey), readFileSync(certificates.server)];
  front = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (first: Buffer) => {
      // An SSLRequest, and nothing else, is of eight bytes and this code.
      if (first.length !== 8 || first.readInt32BE(4) !== 80877103) return void socket.destroy();
      socket.write('S');
      const client = new TLSSocket(socket, { isServer: true, key, cert });
      const upstream = connect(Number(target.port), target.hostname);
      for (const end of [client, upstream]) end.on('error', () => undefined).on('close', () => socket.destroy());
      client.on('secure', () => (encrypted += 1));
      client.pipe(upstream).pipe(client);
    });
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
});
afterAll(async () => {
  const closed = once(front, 'close');
  front.close();
  for (const socket of sockets) socket.destroy();
  await closed;
  await stack.close();
});

function through(url: string, query: string): string {
  const fronted = new URL(url);
  fronted.host = `localhost:${(front.address() as AddressInfo).port}`;
  fronted.search = query;
  return fronted.toString();
}

/** Whether the processes' pool reaches Postgres with such a URL. */
async function reaches(query: string): Promise<boolean> {
  const orm = await createOrm(loadConfig({ ...stack.env, DATABASE_URL: through(stack.database.appUrl, query) }));
  const pool = await nativePool(orm);
  try {
    return (await pool.query('select 1')).rowCount === 1;
  } catch {
    return false;
  } finally {
    // The ORM ends only what it has used itself.
    await orm.close();
    if (!pool.ended) await pool.end();
  }
}

test('the URL decides whether and how far the server is checked, as it does for psql', async () => {
  expect(await reaches('')).toBe(false);
  expect(await reaches('?sslmode=disable')).toBe(false);
  expect(encrypted).toBe(0);
  expect(await reaches('?sslmode=require')).toBe(true);
  expect(encrypted).toBeGreaterThan(0);
  const root = (path: string) => `&sslrootcert=${encodeURIComponent(path)}`;
  expect(await reaches(`?sslmode=verify-full${root(certificates.ca)}`)).toBe(true);
  expect(await reaches(`?sslmode=verify-ca${root(certificates.ca)}`)).toBe(true);
  expect(await reaches(`?sslmode=verify-full${root(certificates.otherCa)}`)).toBe(false);
  expect(await reaches(`?sslmode=require${root(certificates.otherCa)}`)).toBe(false);
  expect(await reaches('?sslmode=verify-full')).toBe(false);
});

test('migrations go by the same way', async () => {
  const url = through(stack.database.ownerUrl, '?sslmode=require');
  const before = encrypted;
  expect(await migrate(url, { ssl: databaseTls(url) })).toEqual([]);
  expect(encrypted).toBeGreaterThan(before);
});

test.each([
  ['a mode that promises nothing', '?sslmode=prefer'],
  ['a certificate that is not there', '?sslmode=verify-full&sslrootcert=/nowhere/ca.pem'],
])('%s is refused by name', (_what, query) => {
  const url = through(stack.database.appUrl, query);
  expect(() => loadConfig({ ...stack.env, DATABASE_URL: url })).toThrow(/DATABASE_URL: its ssl/);
});
