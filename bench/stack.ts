import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { openLogFile } from '../scripts/dev/log-file.ts';
import { freePort } from '../scripts/dev/ports.ts';
import { startPostgres } from '../scripts/dev/postgres.ts';
import { acceptsConnections, answersOk, runProgram, startProgram } from '../scripts/dev/programs.ts';
import { startTemporal } from '../scripts/dev/temporal.ts';
import { createRolesAndDatabase } from '../scripts/roles.ts';
import { loadSecrets } from '../scripts/dev/secrets.ts';
import { makeTenants } from './tenants.ts';

const TENANTS = 4;

/** Whoever uses another part ends before it. */
export const stopOrder = ['generator', 'bare client', 'API', 'sandbox', 'Temporal', 'Postgres'] as const;

export type Stack = Awaited<ReturnType<typeof startStack>>;

/** The product as `npm start` runs it, durable to the same degree, in a folder and on ports of its own. */
export async function startStack(folder: string) {
  const secrets = loadSecrets(folder, {});
  const log = (name: string) => openLogFile(join(folder, 'logs'), name);
  const [apiPort, sandboxPort] = [await freePort(), await freePort()];
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    NODE_ENV: 'development',
    SANDBOX_SECRET: secrets.SANDBOX_SECRET,
    SANDBOX_URL: sandboxUrl,
  };

  const [database, temporal, sandbox] = await Promise.all([
    startDatabase(folder),
    startTemporal({ dbFile: join(folder, 'temporal', 'temporal.db'), log: log('temporal').write }),
    startProgram(
      {
        name: 'sandbox',
        file: 'src/sandbox/main.ts',
        env: {
          ...env,
          SANDBOX_PORT: String(sandboxPort),
          SANDBOX_DATA: join(folder, 'sandbox'),
          SANDBOX_CALLBACK_URL: apiUrl,
          // The bare client has one number for everything.
          SANDBOX_THROUGHPUT_PER_SECOND: '1000',
        },
        log: log('sandbox'),
      },
      () => acceptsConnections(sandboxPort),
    ),
  ]);
  const { DATABASE_OWNER_PASSWORD: _, DATABASE_APP_PASSWORD: __, ...apiSecrets } = secrets;
  const api = await startProgram(
    {
      name: 'API',
      file: 'server.ts',
      env: {
        ...env,
        ...apiSecrets,
        PORT: String(apiPort),
        WORKER_IN_PROCESS: 'true',
        DATABASE_PREPARE: 'true',
        DATABASE_URL: database.appUrl,
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: 'default',
      },
      log: log('api'),
    },
    () => answersOk(`${apiUrl}/readyz`),
  );

  const admin = { email: secrets.ADMIN_EMAIL, password: secrets.ADMIN_PASSWORD };
  const keys = await makeTenants(apiUrl, admin, TENANTS);
  const player = async (name: string, file: string, more: NodeJS.ProcessEnv) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const program = { name, file, env: { ...env, ...more, PORT: String(port) }, log: log(name.replace(' ', '-')) };
    const { pid } = await startProgram(program, () => answersOk(url));
    return { url, pid };
  };
  const [generator, bare] = await Promise.all([
    player('generator', 'bench/product-player.ts', { API_URL: apiUrl, API_KEYS: keys.join(',') }),
    player('bare client', 'bench/bare-player.ts', { TEMPORAL_ADDRESS: temporal.address }),
  ]);

  return {
    apiUrl,
    keys,
    sandboxUrl,
    superuserUrl: database.superuserUrl,
    players: { product: generator.url, bare: bare.url },
    pids: {
      api: api.pid,
      postgres: database.pid,
      temporal: temporal.pid,
      sandbox: sandbox.pid,
      generator: generator.pid,
      bare: bare.pid,
      bench: process.pid,
    },
  };

  async function startDatabase(home: string) {
    const { superuserUrl, pid } = await startPostgres({ dataDir: join(home, 'postgres'), log: log('postgres').write });
    const urls = await createRolesAndDatabase({
      superuserUrl,
      database: 'carillon',
      ownerPassword: randomBytes(24).toString('base64url'),
      appPassword: randomBytes(24).toString('base64url'),
    });
    const migrationEnv = { ...process.env, DATABASE_OWNER_URL: urls.ownerUrl, DATABASE_URL: urls.appUrl };
    await runProgram({ name: 'migrations', file: 'src/migrate.ts', env: migrationEnv, log: log('migrations') });
    return { ...urls, superuserUrl, pid };
  }
}
