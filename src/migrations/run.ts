import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { migrations } from './index.ts';
import { APP_ROLE } from './tenant-table.ts';

/** Brings the schema up to date as the owner. Two that run at once wait for each other. `ssl` is the driver's. */
export async function migrate(ownerUrl: string, ssl?: object): Promise<string[]> {
  const orm = await MikroORM.init({
    clientUrl: ownerUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false, tableName: 'carillon_migrations', transactional: true },
    pool: { min: 0, max: 2 },
    ...(ssl && { driverOptions: { ssl } }),
    logger: () => undefined,
  });
  try {
    return await orm.em.transactional(async (em) => {
      await em.execute(`select pg_advisory_xact_lock(hashtext('carillon migrations'))`);
      const done = await orm.migrator.up();
      await em.execute(`grant select on carillon_migrations to ${APP_ROLE}`);
      return done.map(({ name }) => name);
    });
  } finally {
    await orm.close();
  }
}
