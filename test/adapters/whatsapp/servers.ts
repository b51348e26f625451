import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Channel, OutboundMessage, SendOptions } from '../../../src/adapters/whatsapp/types.ts';

export type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string };

/** A real HTTP server that keeps what it saw and answers as told. */
export async function serveHttp(answer: (response: ServerResponse, request: IncomingMessage, seen: Seen[]) => void) {
  const seen: Seen[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(response, request, seen);
    });
  });
  return { seen, ...(await listen(server)), close: () => server.closeAllConnections() ?? server.close() };
}

/** A real TCP server; `bytes` is everything any client wrote to it. */
export async function serveTcp(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const seen = { bytes: '', connections: 0 };
  const server = createTcpServer((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('data', (chunk) => (seen.bytes += chunk.toString('latin1')));
    onSocket(socket);
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { seen, ...(await listen(server)), close };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const { port, close } = await serveTcp(() => {});
  close();
  return port;
}

export const channelAt = (baseUrl: string, more: Partial<Channel> = {}): Channel => ({
  baseUrl,
  version: 'v25.0',
  phoneNumberId: '106540352242922',
  accessToken: 'EAAtoken',
  ...more,
});

export const message: OutboundMessage = {
  messageId: '0199c0de-0000-7000-8000-000000000001',
  to: '+16505551234',
  content: { type: 'authentication', template: 'otp', language: 'en_US', code: '482913' },
};

export const within = (ms: number): SendOptions => ({ deadline: performance.now() + ms });

async function listen(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}` };
}
