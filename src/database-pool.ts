import type { Writable } from 'node:stream';
import type { Pool, PoolClient, PoolConfig } from 'pg';

/** `deadlineMs`: how long a statement may stay without an answer. Longer than the role's `statement_timeout`. */
type Limits = { deadlineMs: number };

/** What the driver is told about its pool, beside address and size. */
export const poolOptions = ({
  deadlineMs,
}: Limits): PoolConfig & { pipeline: true; onPoolCreated: (pool: Pool) => void } => ({
  pipeline: true,
  connectionTimeoutMillis: 2_000,
  keepAlive: true,
  // Postgres itself ends what takes too long. This is for a connection that fell silent: the kernel would go on
  // sending into it for a quarter of an hour. The driver destroys a connection whose time is up.
  query_timeout: deadlineMs,
  application_name: 'carillon',
  onPoolCreated(pool) {
    distrustOthersOfABrokenOne(pool);
    takeBackBrokenOnes(pool);
  },
});

/**
 * A connection that broke says that those beside it may have: what took it away is seldom about one. Whoever asks next
 * gets a fresh one, and does not wait for each idle one to prove itself silent.
 */
function distrustOthersOfABrokenOne(pool: Pool): void {
  const distrust = (): void => {
    for (let idle = pool.idleCount; idle > 0; idle -= 1) void pool.connect().then(drop, () => undefined);
  };
  pool.on('connect', (client) => client.on('error', distrust));
  // One that is given back with its failure tells of it no more.
  pool.on('release', (error: unknown) => {
    if (hasFallenSilent(error)) distrust();
  });
}

/** Whoever holds a connection that has ended learns of it at once, and gives it back well within this time. */
const GIVE_BACK_MS = 1_000;

/**
 * The query builder below the ORM (Kysely 0.29) never gives back a connection whose begin or rollback fails, as both do
 * on one that broke: each would take a place of the pool with it, until none is left and the process answers nobody.
 */
function takeBackBrokenOnes(pool: Pool): void {
  const out = new Set<PoolClient>();
  pool.on('acquire', (client) => out.add(client));
  pool.on('release', (_error, client) => out.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      setTimeout(() => {
        if (!out.has(client)) return;
        client.release(true);
        // In case that its holder comes round to it after all.
        client.release = () => undefined;
      }, GIVE_BACK_MS).unref();
    });
  });
}

/** The driver gives the error of a statement that was not answered in time neither a class nor a code. */
export const hasFallenSilent = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout';

function drop(client: PoolClient): void {
  client.release(true);
  // The polite end of a connection waits for the other side.
  socketOf(client).destroy();
}

/** The driver has no public way to it. */
export const socketOf = (client: PoolClient): Writable =>
  (client as unknown as { connection: { stream: Writable } }).connection.stream;
