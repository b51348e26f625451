import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { createWhatsApp } from '../../../src/adapters/whatsapp/client.ts';
import type { WhatsApp } from '../../../src/adapters/whatsapp/types.ts';
import { channelAt, closedPort, message, serveHttp, serveTcp, within } from './servers.ts';

let whatsapp: WhatsApp;
const closers: Array<() => void> = [];
const closing = <T extends { close: () => void }>(server: T): T => {
  closers.push(server.close);
  return server;
};
const body = '{"messages":[{"id":"wamid.ok"}]}';
const ok = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const hasRequest = (bytes: string) => bytes.includes('biz_opaque_callback_data');

beforeEach(() => {
  whatsapp = createWhatsApp({ timeoutMs: 1000 });
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await whatsapp.close();
});

describe('not sent: no byte of the request left', () => {
  test('nobody listens', async () => {
    const outcome = await whatsapp.send(channelAt(`http://127.0.0.1:${await closedPort()}`), message, within(900));
    expect(outcome).toEqual({ kind: 'not_sent', reason: 'ECONNREFUSED' });
  });

  test('the name does not resolve', async () => {
    const outcome = await whatsapp.send(channelAt('http://graph.invalid'), message, within(900));
    expect(outcome).toEqual({ kind: 'not_sent', reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|timeout/) });
  });

  test('the other side does not speak TLS', async () => {
    const { port, seen } = closing(
      await serveTcp((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
    );
    const outcome = await whatsapp.send(channelAt(`https://127.0.0.1:${port}`), message, within(900));
    expect(outcome).toMatchObject({ kind: 'not_sent' });
    expect(hasRequest(seen.bytes)).toBe(false);
  });

  test('the connection is reset during the TLS handshake: the same ECONNRESET as after a send, but nothing was written', async () => {
    const { port, seen } = closing(await serveTcp((socket) => socket.on('data', () => socket.resetAndDestroy())));
    const outcome = await whatsapp.send(channelAt(`https://127.0.0.1:${port}`), message, within(900));
    expect(outcome).toEqual({ kind: 'not_sent', reason: 'ECONNRESET' });
    expect(hasRequest(seen.bytes)).toBe(false);
  });

  test('the deadline has passed: not even a connection is made', async () => {
    const { url, seen } = closing(await serveTcp(() => {}));
    expect(await whatsapp.send(channelAt(url), message, within(-1))).toEqual({ kind: 'not_sent', reason: 'deadline' });
    expect(seen.connections).toBe(0);
  });

  test('the deadline passes during the handshake', async () => {
    const { port } = closing(await serveTcp(() => {}));
    expect(await whatsapp.send(channelAt(`https://127.0.0.1:${port}`), message, within(50))).toEqual({
      kind: 'not_sent',
      reason: 'timeout',
    });
  });

  test('the deadline passes while this process is busy, on a connection that is open and ready', async () => {
    const { url, seen } = closing(await serveHttp((response) => response.end(body)));
    expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'accepted' });
    const late = whatsapp.send(channelAt(url), message, within(20));
    const until = performance.now() + 60;
    while (performance.now() < until);
    expect(await late).toMatchObject({ kind: 'not_sent' });
    expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'accepted' });
    expect(seen).toHaveLength(2);
  });

  test('the deadline passes in the queue for a connection, which then still serves the next message', async () => {
    await whatsapp.close();
    whatsapp = createWhatsApp({ connections: 1 });
    const held: ServerResponse[] = [];
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    let connections = 0;
    const server = closing(
      await serveHttp((response, request, seen) => {
        if (seen.length > 1) return void response.end(body);
        request.socket.once('close', () => (connections -= 1));
        connections += 1;
        held.push(response);
        arrived();
      }),
    );
    const first = whatsapp.send(channelAt(server.url), message, within(3000));
    await arrival;
    expect(await whatsapp.send(channelAt(server.url), message, within(30))).toEqual({
      kind: 'not_sent',
      reason: 'timeout',
    });
    held[0]?.end(body);
    expect(await first).toMatchObject({ kind: 'accepted' });
    expect(await whatsapp.send(channelAt(server.url), message, within(900))).toMatchObject({ kind: 'accepted' });
    expect({ requests: server.seen.length, connections }).toEqual({ requests: 2, connections: 1 });
  });

  test('the caller gave up before', async () => {
    const { url, seen } = closing(await serveTcp(() => {}));
    const outcome = await whatsapp.send(channelAt(url), message, { ...within(900), signal: AbortSignal.abort() });
    expect({ outcome, connections: seen.connections }).toEqual({
      outcome: { kind: 'not_sent', reason: 'aborted' },
      connections: 0,
    });
  });

  test('the base URL is not one', async () => {
    expect(await whatsapp.send(channelAt('nonsense'), message, within(900))).toMatchObject({ kind: 'not_sent' });
  });
});

describe('ambiguous: the request may have arrived', () => {
  test('reset after the request', async () => {
    const { url, seen } = closing(await serveTcp((socket) => socket.on('data', () => socket.resetAndDestroy())));
    const outcome = await whatsapp.send(channelAt(url), message, within(900));
    expect(outcome).toMatchObject({ kind: 'ambiguous', reason: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
    expect(hasRequest(seen.bytes)).toBe(true);
  });

  test('closed without an answer', async () => {
    const { url } = closing(await serveTcp((socket) => socket.on('data', () => socket.end())));
    expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'ambiguous' });
  });

  test('closed in the middle of the answer', async () => {
    const { url } = closing(await serveTcp((socket) => socket.on('data', () => socket.end(ok.slice(0, -5)))));
    expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'ambiguous' });
  });

  test('an answer that is not HTTP', async () => {
    const { url } = closing(await serveTcp((socket) => socket.on('data', () => socket.end('220 smtp ready\r\n'))));
    expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'ambiguous' });
  });

  test('no answer until the deadline, or until the hard timeout when that is sooner', async () => {
    const { url } = closing(await serveTcp(() => {}));
    const begin = performance.now();
    expect(await whatsapp.send(channelAt(url), message, within(100))).toEqual({ kind: 'ambiguous', reason: 'timeout' });
    expect(performance.now() - begin).toBeLessThan(700);
    expect(await whatsapp.send(channelAt(url), message, within(60_000))).toEqual({
      kind: 'ambiguous',
      reason: 'timeout',
    });
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  test('the caller gives up while Meta thinks', async () => {
    const abort = new AbortController();
    const { url } = closing(await serveTcp((socket) => socket.on('data', () => abort.abort())));
    expect(await whatsapp.send(channelAt(url), message, { ...within(900), signal: abort.signal })).toEqual({
      kind: 'ambiguous',
      reason: 'aborted',
    });
  });

  test('a keep-alive connection that the server closes at the moment of the next request', async () => {
    await whatsapp.close();
    whatsapp = createWhatsApp({ connections: 1 });
    const { url, seen } = closing(
      await serveTcp((socket) => {
        let requests = 0;
        socket.on('data', () => ((requests += 1) === 1 ? socket.write(ok) : socket.resetAndDestroy()));
      }),
    );
    expect(await whatsapp.send(channelAt(url), message, within(900))).toEqual({
      kind: 'accepted',
      providerId: 'wamid.ok',
    });
    expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'ambiguous' });
    // The proof that it was the same connection, and that nothing was repeated behind our back.
    expect({ connections: seen.connections, requests: seen.bytes.split('POST /').length - 1 }).toEqual({
      connections: 1,
      requests: 2,
    });
  });
});

test('a keep-alive connection that was closed while idle is not used: the message goes out on a new one', async () => {
  let ended = () => {};
  const closed = new Promise<void>((resolve) => (ended = resolve));
  const { url, seen } = closing(
    await serveTcp((socket) => {
      socket.on('data', () => socket.end(ok)).once('close', ended);
    }),
  );
  expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'accepted' });
  await closed;
  expect(await whatsapp.send(channelAt(url), message, within(900))).toMatchObject({ kind: 'accepted' });
  expect(seen.connections).toBe(2);
});
