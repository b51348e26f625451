import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { startTemporal } from '../../scripts/dev/temporal.ts';
import { createRolesAndDatabase } from '../../scripts/roles.ts';
import { migrate } from '../../src/migrations/run.ts';
import { workflowSources } from '../../src/temporal/workflow-sources.ts';
import { folder, namespaces, passwords, TEMPLATE, type Shared } from './shared.ts';
import { rememberServers } from './servers.ts';

/** Brings up, once for all test files, a real Postgres with a migrated template, a real Temporal, and the workflows. */
export default async function setUp(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [postgres, temporal, bundle] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), settings: { fsync: 'off', max_connections: '300' } }),
    startTemporal({ namespaces }),
    bundleWorkflowCode({
      ...workflowSources,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
    }),
  ]);
  rememberServers([temporal, postgres]);
  const bundlePath = join(folder, 'workflows.js');
  writeFileSync(bundlePath, bundle.code);
  const { ownerUrl } = await createRolesAndDatabase({
    superuserUrl: postgres.superuserUrl,
    database: TEMPLATE,
    ...passwords,
  });
  await migrate(ownerUrl);
  const shared: Shared = {
    superuserUrl: postgres.superuserUrl,
    temporalAddress: temporal.address,
    bundlePath,
  };
  writeFileSync(join(folder, 'shared.json'), JSON.stringify(shared));
}
