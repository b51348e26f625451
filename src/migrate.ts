import { databaseTls } from './config/database-tls.ts';
import { refusedDatabaseUrl } from './config/database-url.ts';
import { migrate } from './migrations/run.ts';

// The only setting of this command, and none of the processes': they never get the owner's credentials.
const ownerUrl = process.env['DATABASE_OWNER_URL'];
if (!ownerUrl) throw new Error('DATABASE_OWNER_URL must name the database as its owner');
const refused = process.env['NODE_ENV'] === 'production' ? refusedDatabaseUrl(ownerUrl) : [];
if (refused.length > 0) throw new Error(refused.map((reason) => `DATABASE_OWNER_URL: ${reason}`).join('\n'));
const done = await migrate(ownerUrl, { ssl: databaseTls(ownerUrl) });
console.log(done.length > 0 ? `Migrated: ${done.join(', ')}` : 'The database is up to date.');
