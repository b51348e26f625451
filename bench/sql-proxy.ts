import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Flights } from './sql-flights.ts';

/** Stands between a client and Postgres and listens to both. Answers the address to use in place of `databaseUrl`. */
export async function startSqlProxy(databaseUrl: string, flights: Flights): Promise<string> {
  const target = new URL(databaseUrl);
  const server = createServer((client) => relay(client, connect(Number(target.port), target.hostname), flights));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return url.toString();
}

function relay(client: Socket, postgres: Socket, flights: Flights): void {
  const { fromClient, fromPostgres } = flights.connection();
  for (const [from, to, listen] of [
    [client, postgres, fromClient],
    [postgres, client, fromPostgres],
  ] as const) {
    from.setNoDelay(true);
    from.on('data', (bytes) => {
      // What is heard is timed before it is passed on; passing it on is what the other side waits for.
      listen(bytes);
      to.write(bytes);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
