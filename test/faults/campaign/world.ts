import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { freePort } from '../../../scripts/dev/ports.ts';
import { startPostgres } from '../../../scripts/dev/postgres.ts';
import { acceptsConnections, answersOk, runProgram, startProgram } from '../../../scripts/dev/programs.ts';
import { loadSecrets } from '../../../scripts/dev/secrets.ts';
import { startTemporal } from '../../../scripts/dev/temporal.ts';
import { createRolesAndDatabase } from '../../../scripts/roles.ts';
import { createCaller } from '../../harness/client.ts';
import { allowBriefLives } from './brief.ts';
import { createLogWatch } from './log-watch.ts';
import { Part } from './part.ts';
import { createSql } from './sql.ts';
import { Wire } from './wire.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;
export type Wires = { postgres: Wire; temporal: Wire; sandbox: Wire; smtp: Wire };
/** The API or a worker. `configure` sets what its next start finds in its environment beside the usual. */
export type Product = {
  part: Part;
  wires: Wires;
  ready(): Promise<boolean>;
  /** What it has counted since it began, in Prometheus' text format. */
  metrics(): Promise<string>;
  configure(more: NodeJS.ProcessEnv): void;
};

/** Every process of a deployment on this machine, each on its own, with a wire between any two of them. */
export async function createWorld(
  folder: string,
  { workers: count = 2, bundle }: { workers?: number; bundle: string },
) {
  mkdirSync(folder, { recursive: true });
  // Where root starts Postgres, another user runs it and has to pass.
  chmodSync(folder, 0o711);
  // Beside the folder, which may be a disk that is about to be full.
  const watch = createLogWatch(`${folder}-logs`);
  const secrets = loadSecrets(folder, {});
  const [postgresPort, temporalPort, sandboxPort, smtpPort, apiPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];

  let superuserUrl = '';
  const postgresLog = watch.file('postgres');
  const postgres = new Part('postgres', async () => {
    const server = await startPostgres({
      dataDir: join(folder, 'postgres'),
      port: postgresPort,
      // When a payment was committed is compared with when a reminder was claimed.
      settings: { max_connections: '120', track_commit_timestamp: 'on' },
      log: postgresLog.write,
    });
    superuserUrl = server.superuserUrl;
    return server;
  });
  const temporalLog = watch.file('temporal');
  const temporalFile = join(folder, 'temporal', 'temporal.db');
  const temporal = new Part('temporal', () =>
    startTemporal({ dbFile: temporalFile, port: temporalPort, log: temporalLog.write }),
  );
  const sandboxLog = watch.file('sandbox');
  const sandbox = new Part('sandbox', () =>
    startProgram(
      {
        name: 'sandbox',
        file: 'src/sandbox/main.ts',
        env: {
          PATH: process.env['PATH'],
          SANDBOX_PORT: String(sandboxPort),
          SANDBOX_SMTP_PORT: String(smtpPort),
          SANDBOX_DATA: join(folder, 'sandbox'),
          SANDBOX_SECRET: secrets.SANDBOX_SECRET,
          SANDBOX_CALLBACK_URL: `http://127.0.0.1:${apiPort}`,
        },
        log: sandboxLog,
      },
      () => acceptsConnections(sandboxPort),
    ),
  );

  await Promise.all([postgres.start(), temporal.start(), sandbox.start()]);
  const database = await createRolesAndDatabase({
    superuserUrl,
    database: 'carillon',
    ownerPassword: secrets.DATABASE_OWNER_PASSWORD,
    appPassword: secrets.DATABASE_APP_PASSWORD,
  });
  await runProgram({
    name: 'migrations',
    file: 'src/migrate.ts',
    env: { PATH: process.env['PATH'], DATABASE_OWNER_URL: database.ownerUrl, DATABASE_URL: database.appUrl },
    log: watch.file('migrations'),
  });
  const adminUrl = new URL(superuserUrl);
  adminUrl.pathname = '/carillon';
  const { sql, close: closeSql } = createSql(new pg.Pool({ connectionString: adminUrl.toString(), max: 4 }));
  await allowBriefLives(sql);

  const makeProduct = async (name: string, file: string, port: number, more: NodeJS.ProcessEnv): Promise<Product> => {
    const wires = {
      postgres: new Wire(postgresPort),
      temporal: new Wire(temporalPort),
      sandbox: new Wire(sandboxPort),
      smtp: new Wire(smtpPort),
    };
    for (const wire of Object.values(wires)) await wire.open();
    const metricsPort = await freePort();
    const databaseUrl = new URL(database.appUrl);
    databaseUrl.port = String(wires.postgres.port);
    const { DATABASE_OWNER_PASSWORD: _, DATABASE_APP_PASSWORD: __, ...settings } = secrets;
    const env: NodeJS.ProcessEnv = {
      PATH: process.env['PATH'],
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      ...settings,
      DATABASE_URL: databaseUrl.toString(),
      DATABASE_PREPARE: 'true',
      TEMPORAL_ADDRESS: `127.0.0.1:${wires.temporal.port}`,
      SANDBOX_URL: `http://127.0.0.1:${wires.sandbox.port}`,
      SANDBOX_SMTP_URL: `smtp://127.0.0.1:${wires.smtp.port}`,
      WORKFLOW_BUNDLE: bundle,
      METRICS_PORT: String(metricsPort),
      ...more,
    };
    const url = `http://127.0.0.1:${port}`;
    const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
    const { log, onLine } = watch.product(name);
    const launch = (extra: NodeJS.ProcessEnv) => () =>
      startProgram({ name, file, env: { ...env, ...extra }, log, onLine }, async () => true);
    const part = new Part(name, launch({}));
    return {
      part,
      wires,
      ready: () => answersOk(`${url}/readyz`),
      metrics: async () => (await fetch(metricsUrl, { signal: AbortSignal.timeout(15_000) })).text(),
      configure: (extra) => part.relaunchAs(launch(extra)),
    };
  };
  const api = await makeProduct('api', 'server.ts', apiPort, { PORT: String(apiPort), WORKER_IN_PROCESS: 'otp' });
  const workers: Product[] = [];
  for (let n = 1; n <= count; n += 1) {
    const port = await freePort();
    workers.push(await makeProduct(`worker-${n}`, 'worker.ts', port, { WORKER_PORT: String(port) }));
  }

  // A wire does not answer for a server that is not there: whoever calls is refused, as without it.
  const servers: [Part, (keyof Wires)[]][] = [
    [postgres, ['postgres']],
    [temporal, ['temporal']],
    [sandbox, ['sandbox', 'smtp']],
  ];
  for (const [part, names] of servers) {
    part.onChange = async (up) => {
      for (const { wires } of [api, ...workers]) for (const name of names) await wires[name][up ? 'open' : 'unplug']();
    };
  }
  const connection = Connection.lazy({ address: `127.0.0.1:${temporalPort}` });
  const products = [api, ...workers];
  const parts = [...products.map(({ part }) => part), sandbox, temporal, postgres];
  return {
    folder,
    watch,
    sql,
    adminUrl: adminUrl.toString(),
    postgresFolder: join(folder, 'postgres', 'cluster'),
    postgresLog: postgresLog.path,
    postgres,
    temporal,
    sandbox,
    api,
    workers,
    products,
    parts,
    temporalFile,
    ledgerFile: join(folder, 'sandbox', 'ledger.jsonl'),
    mailboxesFile: join(folder, 'sandbox', 'mails.jsonl'),
    admin: { email: secrets.ADMIN_EMAIL, password: secrets.ADMIN_PASSWORD },
    apiUrl: `http://127.0.0.1:${apiPort}`,
    callApi: createCaller(`http://127.0.0.1:${apiPort}`),
    callSandbox: createCaller(`http://127.0.0.1:${sandboxPort}`),
    temporalClient: new Client({ connection }),
    async close(): Promise<void> {
      await connection.close();
      for (const part of [...products.map((product) => product.part), sandbox, temporal]) await part.kill();
      await closeSql();
      await postgres.stop();
      for (const { wires } of products) for (const wire of Object.values(wires)) await wire.unplug();
    },
  };
}
