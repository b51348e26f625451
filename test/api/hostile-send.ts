import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Answer } from '../harness/client.ts';

type Asked = { method: string; path: string; headers: OutgoingHttpHeaders; body?: string | Buffer | undefined };
export type Heard = Pick<Answer, 'status' | 'headers' | 'text'>;

/** A client that sends what it is told to: `fetch` would mend paths, headers and methods first. */
export function createSender(baseUrl: string) {
  const agent = new Agent({ keepAlive: true });
  const port = Number(new URL(baseUrl).port);

  return {
    async send({ method, path, headers, body }: Asked): Promise<Heard> {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const call = request({ agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } });
      // A refusal may come, and the connection go, before all of the request has left.
      call.on('error', () => undefined).end(body);
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        call.once('response', resolve).once('close', () => reject(new Error('gets no answer')));
      });
      const received = Object.entries(response.headersDistinct);
      return {
        status: response.statusCode ?? 0,
        headers: new Headers(
          received.flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value])),
        ),
        text: await text(response),
      };
    },
    /** Writes bytes, and reads until the server closes. Whoever `leaves` says that there is no more, and may get nothing. */
    async write(bytes: string, leaves: boolean): Promise<Heard[]> {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      let received = '';
      socket.on('data', (piece: string) => (received += piece)).on('error', () => undefined);
      socket.write(bytes, 'latin1');
      if (leaves) socket.end();
      await new Promise((resolve) => socket.once('close', resolve));
      return [...received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => ({
        status: Number(status),
        headers: new Headers(),
        text: received,
      }));
    },
    close: () => agent.destroy(),
  };
}
