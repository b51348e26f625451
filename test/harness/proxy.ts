import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Proxy = Awaited<ReturnType<typeof startProxy>>;

/** Stands between two processes on the wire, to see, to cut, and to strike at an exact moment. */
export async function startProxy() {
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let swallowing = false;
  let target: URL | undefined;
  let server: Server | undefined;
  let port = 0;
  let requests = '';
  let onAnswer: ((chunk: Buffer) => void) | undefined;

  const carry = (client: Socket): void => {
    const upstream = connect(Number(target?.port), target?.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      if (swallowing) silent.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      if (silent.has(client)) return;
      requests += chunk.toString();
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (silent.has(upstream)) return;
      client.write(chunk);
      onAnswer?.(chunk);
    });
    // The end of one that fell silent is not told either.
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => silent.has(client) || client.destroy());
  };

  const up = async (): Promise<void> => {
    server = createServer(carry).listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  };
  await up();

  return {
    /** Carries to that URL from now on; answers where to connect instead. */
    to(url: string): string {
      target = new URL(url);
      return `http://127.0.0.1:${port}`;
    },
    /** All that was asked through it so far. */
    requests: (): string => requests,
    /** Calls back in the same tick in which an answer was forwarded. */
    onAnswer(then: ((chunk: Buffer) => void) | undefined): void {
      onAnswer = then;
    },
    /** Nobody listens any more: connections are refused. */
    async down(): Promise<void> {
      const closed = new Promise((resolve) => server?.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    up,
    /**
     * What is sent on the connections that stand now arrives no more, and nobody is told: a network that lost its
     * memory of them. With `newOnes` those that are made until `heal` share their fate.
     */
    silence({ newOnes = false } = {}): void {
      for (const socket of sockets) silent.add(socket);
      swallowing = newOnes;
    },
    /** Connections that are made from now on work. Those that fell silent stay so. */
    heal(): void {
      swallowing = false;
    },
  };
}
