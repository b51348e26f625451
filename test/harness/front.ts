import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * Stands before the sandbox. The send that it waits for is kept, and refused in the words in which Meta says "not now",
 * or left without an answer.
 */
export async function startFront() {
  let target = '';
  let kept: { asked: () => void; answer: Promise<'refuse' | 'hangUp'> } | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (kept && request.url?.endsWith('/messages')) {
      const { asked, answer: how } = kept;
      kept = undefined;
      asked();
      if ((await how) === 'hangUp') return void response.destroy();
      response.writeHead(500, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ error: { message: 'Something went wrong', code: 131000 } }));
    }
    const headers = Object.fromEntries(
      ['authorization', 'content-type'].flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const { method = 'GET', url = '/' } = request;
    const passed = await fetch(`${target}${url}`, { method, headers, ...(body.length > 0 && { body }) });
    response.writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'application/json' });
    response.end(await passed.text());
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    to(url: string): string {
      target = url;
      return `http://127.0.0.1:${port}`;
    },
    /** `asked` resolves when the send has come. */
    keepNextSend(): { asked: Promise<void>; refuse: () => void; hangUp: () => void } {
      const [asked, how] = [Promise.withResolvers<void>(), Promise.withResolvers<'refuse' | 'hangUp'>()];
      kept = { asked: asked.resolve, answer: how.promise };
      return { asked: asked.promise, refuse: () => how.resolve('refuse'), hangUp: () => how.resolve('hangUp') };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
