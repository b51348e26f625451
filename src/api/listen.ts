import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { HttpLimits } from '../config/http.ts';
import { answerUnreadable, refuseUnclearHost } from './unreadable.ts';

/** Starts an HTTP server whose limits leave no room for slow or endless clients. */
export async function listen(
  handler: RequestListener,
  { host, port, http }: { host: string; port: number; http: HttpLimits },
): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: http.headersMs,
      requestTimeout: http.requestMs,
      // So often is it seen who is too late: at half as much again at the latest.
      connectionsCheckingInterval: Math.min(5_000, Math.ceil(http.headersMs / 2)),
      keepAliveTimeout: http.idleMs,
      // Node would refuse it without a body; see below.
      requireHostHeader: false,
    },
    refuseUnclearHost(handler),
  );
  answerUnreadable(server);
  endUnread(server, http.requestMs + http.answerMs);
  server.maxConnections = http.maxConnections;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Node lets whoever asks and does not read the answer keep the connection, and the answer in memory, for ever. */
function endUnread(server: Server, ms: number): void {
  server.on('request', ({ socket }, response) => {
    const timer = setTimeout(() => socket.destroy(), ms);
    response.once('close', () => clearTimeout(timer));
  });
}

/** Lets requests under way end, for at most `graceMs`, and takes no new ones. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  // Without this, a client that keeps its connections alive would go on being served until the time is up.
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}
