import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openLogFile } from '../scripts/dev/log-file.ts';
import { freePort } from '../scripts/dev/ports.ts';
import { startPostgres } from '../scripts/dev/postgres.ts';
import { acceptsConnections, answersOk, runProgram, startProgram } from '../scripts/dev/programs.ts';
import { startTemporal } from '../scripts/dev/temporal.ts';
import { createRolesAndDatabase } from '../scripts/roles.ts';
import { loadSecrets } from '../scripts/dev/secrets.ts';
import type { PlayerName } from './contenders.ts';
import { collectable } from './memory.ts';
import { makeTenants } from './tenants.ts';

const TENANTS = 4;

/** Whoever uses another part ends before it. */
export const stopOrder = [
  'generator',
  'variant generator',
  'bare client',
  'rows',
  'worker',
  'API',
  'variant',
  'sandbox',
  'Temporal',
  'Postgres',
] as const;

export type Stack = Awaited<ReturnType<typeof startStack>>;

type StackOptions = {
  /** Who will play phases; nobody, if absent. */
  players?: readonly PlayerName[];
  /** Environment of the second API, which only the player `variant` needs. `SERVER` is the path of another server.ts. */
  variant?: Record<string, string>;
  /** A worker in a process of its own, as in production; the API then runs passcodes alone. */
  workerApart?: boolean;
  /** Answers the address through which the API, or the worker of rows, reaches that database. */
  databaseThrough?: (databaseUrl: string, who: 'product' | 'rows') => Promise<string>;
};

/** The product as `npm start` runs it, durable to the same degree, in a folder and on ports of its own. */
export async function startStack(
  folder: string,
  { players = [], variant = {}, workerApart = false, databaseThrough }: StackOptions = {},
) {
  const secrets = loadSecrets(folder, {});
  const log = (name: string) => openLogFile(join(folder, 'logs'), name.replace(' ', '-'));
  const [sandboxPort, metricsPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const temporalFile = join(folder, 'temporal', 'temporal.db');
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    NODE_ENV: 'development',
    SANDBOX_SECRET: secrets.SANDBOX_SECRET,
    SANDBOX_URL: sandboxUrl,
  };

  const [postgres, temporal, sandbox] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), log: log('postgres').write }),
    startTemporal({ dbFile: temporalFile, metricsPort, namespaces: ['variant'], log: log('temporal').write }),
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
  const { superuserUrl } = postgres;
  const passwords = {
    ownerPassword: randomBytes(24).toString('base64url'),
    appPassword: randomBytes(24).toString('base64url'),
  };
  const startApi = async (name: string, port: number, database: string, more: Record<string, string>) => {
    const urls = await createRolesAndDatabase({ superuserUrl, database, ...passwords });
    const migrationEnv = { ...process.env, DATABASE_OWNER_URL: urls.ownerUrl, DATABASE_URL: urls.appUrl };
    await runProgram({ name: 'migrations', file: 'src/migrate.ts', env: migrationEnv, log: log('migrations') });
    const { DATABASE_OWNER_PASSWORD: _, DATABASE_APP_PASSWORD: __, ...apiSecrets } = secrets;
    const url = `http://127.0.0.1:${port}`;
    const { SERVER = 'server.ts', ...settings } = more;
    const apiEnv = {
      ...env,
      ...apiSecrets,
      PORT: String(port),
      ...collectable,
      WORKER_IN_PROCESS: 'true',
      DATABASE_PREPARE: 'true',
      DATABASE_URL: databaseThrough ? await databaseThrough(urls.appUrl, 'product') : urls.appUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: 'default',
      ...settings,
    };
    const program = { name, file: SERVER, env: apiEnv, log: log(name) };
    const { pid } = await startProgram(program, () => answersOk(`${url}/readyz`));
    const admin = { email: secrets.ADMIN_EMAIL, password: secrets.ADMIN_PASSWORD };
    return { pid, url, env: apiEnv, keys: await makeTenants(url, admin, TENANTS) };
  };
  const startWorker = async (apiEnv: NodeJS.ProcessEnv) => {
    const port = await freePort();
    const program = { name: 'worker', file: 'worker.ts', env: { ...apiEnv, WORKER_PORT: String(port) } };
    return startProgram({ ...program, log: log('worker') }, () => answersOk(`http://127.0.0.1:${port}/readyz`));
  };
  const startPlayer = async (name: string, file: string, more: NodeJS.ProcessEnv) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const SANDBOX_LEDGER = join(folder, 'sandbox', 'ledger.jsonl');
    const playerEnv = { ...env, ...collectable, SANDBOX_LEDGER, ...more, PORT: String(port) };
    const program = { name, file, env: playerEnv, log: log(name) };
    const { pid } = await startProgram(program, () => answersOk(url));
    return { url, pid };
  };
  const generator = (name: string, api: { url: string; keys: string[] }) =>
    startPlayer(name, 'bench/product-player.ts', { API_URL: api.url, API_KEYS: api.keys.join(',') });

  const api = await startApi('API', apiPort, 'carillon', workerApart ? { WORKER_IN_PROCESS: 'otp' } : {});
  const worker = workerApart ? await startWorker(api.env) : undefined;
  const start: Record<PlayerName, () => Promise<{ url: string; pids: Record<string, number> }>> = {
    product: async () => {
      const { url, pid } = await generator('generator', api);
      return { url, pids: { generator: pid } };
    },
    bare: async () => {
      const { url, pid } = await startPlayer('bare client', 'bench/bare-player.ts', {
        TEMPORAL_ADDRESS: temporal.address,
      });
      return { url, pids: { bare: pid } };
    },
    rows: async () => {
      const database = await createDatabase(superuserUrl, 'rows');
      const { url, pid } = await startPlayer('rows', 'bench/rows-player.ts', {
        ROWS_URL: databaseThrough ? await databaseThrough(database, 'rows') : database,
      });
      return { url, pids: { rows: pid } };
    },
    variant: async () => {
      const settings = { TEMPORAL_NAMESPACE: 'variant', ...variant };
      const second = await startApi('variant', await freePort(), 'carillon_variant', settings);
      const { url, pid } = await generator('variant generator', second);
      return { url, pids: { variant: second.pid, variantGenerator: pid } };
    },
  };
  const urls: Partial<Record<PlayerName, string>> = {};
  const pids: Record<string, number> = {
    api: api.pid,
    ...(worker && { worker: worker.pid }),
    postgres: postgres.pid,
    temporal: temporal.pid,
    sandbox: sandbox.pid,
    bench: process.pid,
  };
  for (const player of players) {
    const started = await start[player]();
    urls[player] = started.url;
    Object.assign(pids, started.pids);
  }

  return {
    apiUrl,
    keys: api.keys,
    sandboxUrl,
    superuserUrl,
    temporal: { address: temporal.address, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`, file: temporalFile },
    players: urls,
    pids,
  };
}

async function createDatabase(superuserUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return databaseUrl(superuserUrl, name);
}

function databaseUrl(superuserUrl: string, name: string): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  return url.toString();
}

/** One connection of the superuser to a database of a stack: the product's, or that of rows. */
export function databaseOf({ superuserUrl }: Stack, name: 'carillon' | 'rows' = 'carillon'): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl(superuserUrl, name), max: 1 });
  // Whoever interrupts a run stops Postgres under it; a query would say so itself.
  pool.on('error', () => undefined);
  return pool;
}
