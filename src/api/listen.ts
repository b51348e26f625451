import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import { answerUnreadable } from './unreadable.ts';

/** Starts an HTTP server whose limits leave no room for slow or endless clients. */
export async function listen(
  handler: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 65_000,
    },
    handler,
  );
  answerUnreadable(server);
  server.maxConnections = 2_000;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
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
