import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { migrations } from './index.ts';
import { APP_ROLE } from './tenant-table.ts';

/**
 * How long a table's lock is waited for. Every statement on that table queues behind whoever waits, and those of the
 * running build give up after 2 s.
 */
const LOCK_TIMEOUT_MS = 1_000;
/** Between two attempts, for what has queued up behind the first. */
const REST_MS = 3_000;

type Options = {
  /** The driver's. */
  ssl?: object | undefined;
  /** How long it is tried again while somebody else, such as a backup, holds a table. */
  patienceMs?: number;
};

/** Brings the schema up to date as the owner, wholly or not at all. Two that run at once wait for each other. */
export async function migrate(ownerUrl: string, { ssl, patienceMs = 60_000 }: Options = {}): Promise<string[]> {
  const orm = await MikroORM.init({
    clientUrl: ownerUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false, tableName: 'carillon_migrations', transactional: true },
    pool: { min: 0, max: 2 },
    driverOptions: { lock_timeout: LOCK_TIMEOUT_MS, ...(ssl && { ssl }) },
    logger: () => undefined,
  });
  try {
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      try {
        return await up(orm);
      } catch (error) {
        if (!isLocked(error)) throw error;
        if (performance.now() > giveUpAt) {
          throw new Error('Somebody else, a backup perhaps, holds a table. Nothing was changed: migrate again later.', {
            cause: error,
          });
        }
        await delay(REST_MS);
      }
    }
  } finally {
    await orm.close();
  }
}

const up = (orm: MikroORM): Promise<string[]> =>
  orm.em.transactional(async (em) => {
    await em.execute('set local lock_timeout = 0');
    await em.execute(`select pg_advisory_xact_lock(hashtext('carillon migrations'))`);
    const done = await orm.migrator.up();
    await em.execute(`grant select on carillon_migrations to ${APP_ROLE}`);
    return done.map(({ name }) => name);
  });

const isLocked = (error: unknown): boolean => (error as { code?: unknown }).code === '55P03';
