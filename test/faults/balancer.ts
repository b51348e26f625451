import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Balancer = Awaited<ReturnType<typeof startBalancer>>;

/** Stands in front of several APIs: each connection goes to the next of them that listens. */
export async function startBalancer() {
  const sockets = new Set<Socket>();
  let ports: number[] = [];
  let turn = 0;

  const carry = (client: Socket, tries = 0): void => {
    const port = ports[turn++ % ports.length];
    if (port === undefined || tries === ports.length) return void client.destroy();
    const upstream = connect(port, '127.0.0.1');
    let reached = false;
    // Refused: nobody was asked yet, so the next one may be. Cut later: the caller is told by the end of its connection.
    upstream.on('error', () => reached || carry(client, tries + 1));
    upstream.on('connect', () => {
      reached = true;
      client.pipe(upstream).pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
    sockets.add(upstream.on('close', () => sockets.delete(upstream)));
  };
  const server = createServer((client) => {
    sockets.add(client.on('error', () => undefined).on('close', () => sockets.delete(client)));
    carry(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The APIs' ports on this machine. */
    to(those: number[]): void {
      ports = those;
    },
    async close(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
