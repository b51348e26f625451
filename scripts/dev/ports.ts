import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first candidate that is free, else any free port. */
export async function freePort(...candidates: readonly (number | undefined)[]): Promise<number> {
  for (const candidate of candidates) {
    if (candidate !== undefined && (await isPortFree(candidate))) return candidate;
  }
  for (let attempt = 0; attempt < 100; attempt += 1) {
    // Below the range of outgoing connections: a client that retries a port of that range while its server is down
    // can be connected to itself, and then holds the port against the server's return.
    const port = randomInt(15_000, 32_000);
    if (await isPortFree(port)) return port;
  }
  throw new Error('No free port was found between 15000 and 32000.');
}
