import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { migrations } from './migrations/index.ts';
import { APP_ROLE } from './migrations/tenant-table.ts';

/** Brings the schema up to date as the owner. Two that run at once wait for each other. */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const orm = await MikroORM.init({
    clientUrl: ownerUrl,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false, tableName: 'carillon_migrations', transactional: true },
    pool: { min: 0, max: 2 },
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

if (import.meta.main) {
  const ownerUrl = process.env['DATABASE_OWNER_URL'];
  if (!ownerUrl) throw new Error('DATABASE_OWNER_URL must name the database as its owner');
  const done = await migrate(ownerUrl);
  console.log(done.length > 0 ? `Migrated: ${done.join(', ')}` : 'The database is up to date.');
}
