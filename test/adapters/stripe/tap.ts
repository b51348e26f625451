import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Json } from '../../harness/client.ts';

/** `call` is `POST /v1/checkout/sessions`, without its query. */
export type Exchange = { call: string; status: number; answer: Json };

/** Stands before an HTTP server, passes every request on, and remembers what came back. */
export async function startTap(target: string) {
  const exchanges: Exchange[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/', headers } = request;
      const body = await text(request);
      const passed = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name));
      const answer = await fetch(`${target}${url}`, {
        method,
        headers: passed.map(([name, value]): [string, string] => [name, String(value)]),
        ...(method === 'GET' ? {} : { body }),
      });
      const received = await answer.text();
      exchanges.push({
        call: `${method} ${url.split('?')[0]}`,
        status: answer.status,
        answer: JSON.parse(received),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(received);
    })();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
