import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '../../scripts/dev/postgres.ts';
import { folder } from './shared.ts';
import { makeTemplate } from './template.ts';

export type OwnPostgres = PostgresServer & {
  /** The same cluster again, at the same port, after it was stopped or killed. */
  restart(): Promise<OwnPostgres>;
};

/** A Postgres of a test's own, for tests that stop or kill it. What it says is committed is on the disk. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = join(folder, `postgres-${randomUUID()}`);
  const start = async (port?: number): Promise<OwnPostgres> => {
    const server = await startPostgres({ dataDir, port });
    return { ...server, restart: () => start(server.port) };
  };
  const started = await start();
  await makeTemplate(started.superuserUrl);
  return started;
}
