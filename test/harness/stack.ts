import { mkdtempSync } from 'node:fs';
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../scripts/dev/ports.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { createCaller, type Call, type Json } from './client.ts';
import { createDatabase } from './database.ts';
import { takeNamespace } from './namespace.ts';
import { answers, startProcess, type TestProcess } from './process.ts';
import { folder, readShared } from './shared.ts';
import { createTenants, type TestTenant } from './tenants.ts';

const secret = () => randomBytes(32).toString('base64');

export type StackOptions = {
  /** Another Temporal server than the shared one, for tests that stop or kill it. */
  temporalAddress?: string;
  /** Another Postgres than the shared one, made by `startOwnPostgres`. */
  superuserUrl?: string;
  /** Settings of the processes beside the harness' own. */
  env?: Record<string, string>;
  /** What the processes use in place of the database or the sandbox itself: the address of a proxy. */
  through?: {
    databaseUrl?: (appUrl: string) => string;
    sandboxUrl?: (url: string) => string;
    smtpUrl?: (url: string) => string;
  };
  /** Where the provider posts its webhooks, in place of the API itself: the address of a balancer. */
  callbackUrl?: string;
};

export type Stack = Awaited<ReturnType<typeof createStack>>;

/**
 * One Carillon of real parts, for one test file: its own database and Temporal namespace, its own sandbox, and the
 * product's processes, which the test starts, stops and kills.
 */
export async function createStack(options: StackOptions = {}) {
  const shared = readShared();
  const [database, namespace] = await Promise.all([
    createDatabase({ superuserUrl: options.superuserUrl }),
    takeNamespace(options.temporalAddress),
  ]);
  const temporal = { address: namespace.address, namespace: namespace.name };
  const [apiPort, workerPort] = [await freePort(), await freePort()];
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const sandboxSecret = secret();
  const sandbox = await startSandbox({
    host: '127.0.0.1',
    port: 0,
    smtpPort: 0,
    folder: mkdtempSync(join(folder, 'sandbox-')),
    secret: sandboxSecret,
    callbackUrl: options.callbackUrl ?? apiUrl,
    delays: { sent: 5, delivered: 10, read: 15 },
    adminToken: undefined,
  });
  const sandboxUrl = `http://127.0.0.1:${sandbox.port}`;
  const smtpUrl = `smtp://127.0.0.1:${sandbox.smtpPort}`;
  const admin = { email: 'admin@carillon.test', password: secret() };
  const env: Record<string, string> = {
    LOG_LEVEL: 'info',
    PORT: String(apiPort),
    WORKER_PORT: String(workerPort),
    DATABASE_URL: options.through?.databaseUrl?.(database.appUrl) ?? database.appUrl,
    DATABASE_POOL_SIZE: '10',
    DATABASE_PREPARE: 'true',
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    WORKFLOW_BUNDLE: shared.bundlePath,
    API_KEY_SALT: secret(),
    JWT_SECRET_KEY: secret(),
    ENCRYPTION_KEYS: `k1:${secret()}`,
    OTP_PEPPERS: `k1:${secret()}`,
    PROOF_KEYS: `k1:${secret()}`,
    ADMIN_EMAIL: admin.email,
    ADMIN_PASSWORD: admin.password,
    // The administrator makes all tenants, and hostile calls by the thousand.
    USER_REQUESTS_PER_HOUR: '1000000',
    SANDBOX_URL: options.through?.sandboxUrl?.(sandboxUrl) ?? sandboxUrl,
    SANDBOX_SMTP_URL: options.through?.smtpUrl?.(smtpUrl) ?? smtpUrl,
    SANDBOX_SECRET: sandboxSecret,
    // Nobody: a test that asks Stripe says where.
    STRIPE_API_URL: 'http://127.0.0.1:1',
    ...options.env,
  };
  const processes: TestProcess[] = [];
  const run = async (entry: string, more: Record<string, string>, readyUrl: string): Promise<TestProcess> => {
    const started = await startProcess(entry, { ...env, ...more }, () => answers(readyUrl));
    processes.push(started);
    return started;
  };
  const call = createCaller(apiUrl);
  const phones = createCaller(sandboxUrl);
  let connection: Connection | undefined;

  return {
    apiUrl,
    workerUrl: `http://127.0.0.1:${workerPort}`,
    sandboxUrl,
    env,
    admin,
    database,
    temporal,
    call,
    /** The sandbox's own routes. */
    sandbox: phones,
    /** The API. `true` runs every worker in it, as `npm start` does; `otp` those of the passcodes; `false` none. */
    startApi: (
      workers: 'true' | 'otp' | 'false' = 'true',
      { untilReady = true, env: more = {} }: { untilReady?: boolean; env?: Record<string, string> } = {},
    ): Promise<TestProcess> =>
      run(
        'server.ts',
        { WORKER_IN_PROCESS: workers, ...more },
        `http://127.0.0.1:${more['PORT'] ?? apiPort}/${untilReady ? 'readyz' : 'healthz'}`,
      ),
    /** An API that reaches Postgres and no Temporal. */
    startApiAlone(): Promise<TestProcess> {
      return this.startApi('false', { untilReady: false, env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    },
    startWorker: (more: Record<string, string> = {}): Promise<TestProcess> =>
      run('worker.ts', more, `http://127.0.0.1:${more['WORKER_PORT'] ?? workerPort}/readyz`),
    tenants: createTenants(call, admin),
    /** All that the processes have written so far, those included that have ended. */
    output: (): string => processes.map((started) => started.output()).join('\n'),
    async temporalClient(): Promise<Client> {
      connection ??= await Connection.connect({ address: temporal.address });
      return new Client({ connection, namespace: temporal.namespace });
    },
    /** What a phone shows, oldest first. */
    async messagesOn(phone: string): Promise<Json[]> {
      return (await phones('GET', `/phones/${encodeURIComponent(phone)}/messages`)).body.data;
    },
    /** What a mailbox has, oldest first. */
    async mailsAt(address: string): Promise<Json[]> {
      return (await phones('GET', `/mailboxes/${encodeURIComponent(address)}/messages`)).body.data;
    },
    /** Every send that the sandbox accepted, in order. */
    async ledger(): Promise<{ wamid: string; to: string; opaque_id: string; at: string }[]> {
      return (await phones('GET', '/ledger')).body.data;
    },
    async close(): Promise<void> {
      await Promise.all(processes.map((started) => started.kill()));
      await connection?.close();
      await namespace.drop();
      await sandbox.close();
      await database.close();
    },
  };
}

export type { Call, TestTenant };

/** A phone that no other test has. */
export const anyPhone = (): string => `+4915${randomInt(10_000_000, 99_999_999)}`;

/** The code that a message shows. */
export const codeIn = (message: { text: string } | undefined): string => /\d{6}/.exec(message?.text ?? '')?.[0] ?? '';
