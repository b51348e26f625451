import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { openLogFile } from '../scripts/dev/log-file.ts';
import { freePort } from '../scripts/dev/ports.ts';
import { startPostgres } from '../scripts/dev/postgres.ts';
import { answersOk, runProgram, startProgram } from '../scripts/dev/programs.ts';
import { loadSecrets } from '../scripts/dev/secrets.ts';
import { createRolesAndDatabase } from '../scripts/roles.ts';
import { mintSandboxChannel } from '../src/sandbox/credentials.ts';
import { makeTenants } from './tenants.ts';

/** Postgres, durable as in production, the API, and a server that does one INSERT. Temporal is away: nobody needs it. */
export async function startWebhookStack(folder: string) {
  const log = (name: string) => openLogFile(join(folder, 'logs'), name);
  const secrets = loadSecrets(folder, {});
  const { superuserUrl } = await startPostgres({
    dataDir: join(folder, 'postgres'),
    log: log('postgres').write,
  });
  const urls = await createRolesAndDatabase({
    superuserUrl,
    database: 'carillon',
    ownerPassword: randomBytes(24).toString('base64url'),
    appPassword: randomBytes(24).toString('base64url'),
  });
  const migrationEnv = { ...process.env, DATABASE_OWNER_URL: urls.ownerUrl, DATABASE_URL: urls.appUrl };
  await runProgram({ name: 'migrations', file: 'src/migrate.ts', env: migrationEnv, log: log('migrations') });
  const place = new URL(superuserUrl);
  place.pathname = '/carillon';
  const database = new pg.Pool({ connectionString: place.toString(), max: 2 });
  await database.query('create table public.bench_webhooks (id uuid primary key, hash bytea unique, body bytea)');
  await database.query('grant insert on public.bench_webhooks to carillon_app');

  const { DATABASE_OWNER_PASSWORD: _, DATABASE_APP_PASSWORD: __, ...apiSecrets } = secrets;
  const start = async (name: string, file: string, env: NodeJS.ProcessEnv, path: string) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const program = { name, file, env: { ...process.env, ...env, PORT: String(port) }, log: log(name) };
    await startProgram(program, () => answersOk(`${url}${path}`));
    return url;
  };
  const api = await start(
    'API',
    'server.ts',
    {
      ...apiSecrets,
      HOST: '127.0.0.1',
      NODE_ENV: 'development',
      WORKER_IN_PROCESS: 'false',
      DATABASE_PREPARE: 'true',
      DATABASE_URL: urls.appUrl,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    },
    '/healthz',
  );
  const bare = await start('bare server', 'bench/webhook-server.ts', { DATABASE_URL: urls.appUrl }, '/');
  await makeTenants(api, { email: secrets.ADMIN_EMAIL, password: secrets.ADMIN_PASSWORD }, 1);
  const { rows } = await database.query<{ id: string; tenant_id: number }>('select id, tenant_id from app.channels');
  const [channel] = rows;
  if (!channel) throw new Error('A new tenant has a channel');
  return {
    superuserUrl,
    database,
    urls: { product: `${api}/webhooks/whatsapp/${channel.id}`, bare },
    tenantId: channel.tenant_id,
    channel: mintSandboxChannel(secrets.SANDBOX_SECRET, channel.id),
  };
}
