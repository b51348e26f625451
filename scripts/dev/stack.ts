import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRolesAndDatabase } from '../roles.ts';
import { terminalLine } from './api-log.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { freePort } from './ports.ts';
import { startPostgres, type PostgresServer } from './postgres.ts';
import { acceptsConnections, answersOk, askProgram, runProgram, startProgram } from './programs.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { readJson } from './state-file.ts';
import type { Supervise } from './supervisor.ts';
import { startTemporal } from './temporal.ts';
import type { DevFile } from './welcome.ts';

export interface Stack {
  dataDir: string;
  settings: Settings;
  secrets: Secrets;
  supervise: Supervise;
  say(text: string): void;
}

/** The order of stopping: whoever uses another part ends before it. */
export const stopOrder = ['API', 'sandbox', 'Temporal', 'Postgres'] as const;

/** Brings every part up, what is independent at the same time, and answers with what tools need to know. */
export async function startStack(stack: Stack): Promise<DevFile> {
  const { dataDir, settings, secrets } = stack;
  mkdirSync(dataDir, { recursive: true });
  const log = (name: string) => openLogFile(join(dataDir, 'logs'), name);
  const [database, temporal, sandbox] = await Promise.all([
    startDatabase(stack, log('postgres'), log('migrations')),
    startFlows(stack, log('temporal')),
    startSandbox(stack, log('sandbox')),
  ]);

  const { DATABASE_OWNER_URL: _, ...env } = process.env;
  const apiEnv = {
    ...env,
    HOST: settings.host,
    PORT: String(settings.port),
    DATABASE_URL: database.appUrl,
    // Our own Postgres is reached directly; what stands before the user's is for the user to say.
    DATABASE_PREPARE: env['DATABASE_PREPARE'] || String(!env['DATABASE_URL']),
    TEMPORAL_ADDRESS: temporal.address,
    WORKER_IN_PROCESS: env['WORKER_IN_PROCESS'] || 'true',
    API_KEY_SALT: secrets.API_KEY_SALT,
    JWT_SECRET_KEY: secrets.JWT_SECRET_KEY,
    ENCRYPTION_KEYS: secrets.ENCRYPTION_KEYS,
    OTP_PEPPERS: secrets.OTP_PEPPERS,
    PROOF_KEYS: secrets.PROOF_KEYS,
    SANDBOX_SECRET: secrets.SANDBOX_SECRET,
    ADMIN_EMAIL: secrets.ADMIN_EMAIL,
    ADMIN_PASSWORD: secrets.ADMIN_PASSWORD,
    ...(sandbox.url === undefined ? {} : { SANDBOX_URL: sandbox.url }),
    ...(sandbox.smtpUrl === undefined ? {} : { SANDBOX_SMTP_URL: sandbox.smtpUrl }),
  };
  const apiLog = log('api');
  const onLine = (line: string) => {
    const short = terminalLine(line);
    if (short !== undefined) stack.say(short);
  };
  await stack.supervise('API', () =>
    startProgram({ name: 'API', file: 'server.ts', env: apiEnv, log: apiLog, onLine }, () =>
      answersOk(`${settings.apiUrl}/readyz`),
    ),
  );

  return {
    api_url: settings.apiUrl,
    temporal_address: temporal.address,
    temporal_ui_url: temporal.uiUrl ?? null,
    sandbox_url: sandbox.url ?? null,
    sandbox_smtp_url: sandbox.smtpUrl ?? null,
    database_url: database.appUrl,
    admin: { email: secrets.ADMIN_EMAIL, password: secrets.ADMIN_PASSWORD },
    demo_tenant: await makeDemoTenant(stack, apiEnv),
  };
}

async function startDatabase({ dataDir, settings, secrets, supervise }: Stack, log: LogFile, migrationLog: LogFile) {
  let urls = settings.database;
  if (!urls) {
    const { superuserUrl } = await supervise('Postgres', (previous: PostgresServer | undefined) =>
      startPostgres({ dataDir: join(dataDir, 'postgres'), port: previous?.port, log: log.write }),
    );
    urls = await createRolesAndDatabase({
      superuserUrl,
      database: 'carillon',
      ownerPassword: secrets.DATABASE_OWNER_PASSWORD,
      appPassword: secrets.DATABASE_APP_PASSWORD,
    });
  }
  const env = { ...process.env, DATABASE_OWNER_URL: urls.ownerUrl, DATABASE_URL: urls.appUrl };
  await runProgram({ name: 'migrations', file: 'src/migrate.ts', env, log: migrationLog });
  return urls;
}

async function startFlows(
  { dataDir, settings, supervise }: Stack,
  log: LogFile,
): Promise<{ address: string; uiUrl?: string | undefined }> {
  if (settings.temporalAddress) return { address: settings.temporalAddress };
  const [port, uiPort] = [await freePort(7233), await freePort(8233)];
  return supervise('Temporal', () =>
    startTemporal({
      dbFile: join(dataDir, 'temporal', 'temporal.db'),
      port,
      uiPort,
      namespaces: settings.temporalNamespaces,
      log: log.write,
    }),
  );
}

async function startSandbox(
  { dataDir, settings, secrets, supervise }: Stack,
  log: LogFile,
): Promise<{ url?: string | undefined; smtpUrl?: string }> {
  if (!settings.sandboxWanted) return { url: settings.sandboxUrl };
  const port = await freePort(settings.sandboxPort);
  const smtpPort = await freePort(settings.sandboxSmtpPort);
  const env = {
    ...process.env,
    SANDBOX_PORT: String(port),
    SANDBOX_SMTP_PORT: String(smtpPort),
    SANDBOX_DATA: join(dataDir, 'sandbox'),
    SANDBOX_SECRET: secrets.SANDBOX_SECRET,
    SANDBOX_CALLBACK_URL: settings.apiUrl,
  };
  await supervise('sandbox', () =>
    startProgram({ name: 'sandbox', file: 'src/sandbox/main.ts', env, log }, () => acceptsConnections(port)),
  );
  return { url: `http://127.0.0.1:${port}`, smtpUrl: `smtp://127.0.0.1:${smtpPort}` };
}

/** The key of the last run is handed on: it can be shown only once, so a new one is made only when it no longer works. */
async function makeDemoTenant({ dataDir }: Stack, apiEnv: NodeJS.ProcessEnv): Promise<DevFile['demo_tenant']> {
  const previous = readJson<DevFile>(join(dataDir, 'dev.json'))?.demo_tenant.api_key;
  const env = { ...apiEnv, ...(previous === undefined ? {} : { DEMO_TENANT_API_KEY: previous }) };
  const answer = await askProgram({ name: 'demo', file: 'scripts/demo.ts', env });
  return JSON.parse(answer) as DevFile['demo_tenant'];
}
