import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { isServing } from '../../scripts/dev/grpc-health.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { root } from '../../scripts/dev/programs.ts';
import { startTemporal } from '../../scripts/dev/temporal.ts';
import { routes } from '../../src/api/app.ts';
import { openApiDocument } from '../../src/api/openapi.ts';
import { workflowSources } from '../../src/temporal/workflow-sources.ts';
import { publishedFile } from './published.ts';
import { compileCache, folder, namespaces, type Shared } from './shared.ts';
import { rememberServers } from './servers.ts';
import { makeTemplate } from './template.ts';

/**
 * Brings up, once for all test files, a real Postgres with a migrated template, a real Temporal, and the workflows.
 * With `TEMPORAL_ADDRESS` (`host:port`) the Temporal there is used, and none is started.
 */
export default async function setUp(): Promise<void> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given && !(await isServing(given))) throw new Error(`No Temporal answers at ${given} (TEMPORAL_ADDRESS).`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(publishedFile, JSON.stringify(openApiDocument(routes)));
  const [postgres, temporal, bundle] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), settings: { fsync: 'off', max_connections: '300' } }),
    given ? undefined : startTemporal({ namespaces }),
    bundleWorkflowCode({
      ...workflowSources,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
    }),
  ]);
  rememberServers([...(temporal ? [temporal] : []), postgres]);
  const bundlePath = join(folder, 'workflows.js');
  writeFileSync(bundlePath, bundle.code);
  await Promise.all([makeTemplate(postgres.superuserUrl), fillCompileCache()]);
  const shared: Shared = {
    superuserUrl: postgres.superuserUrl,
    temporalAddress: temporal?.address ?? given ?? '',
    bundlePath,
    ...(given ? { run: `carillon-${randomBytes(4).toString('hex')}` } : {}),
  };
  writeFileSync(join(folder, 'shared.json'), JSON.stringify(shared));
}

/** Compiles the product once: each of the hundreds of processes that the tests start would else do it again. */
async function fillCompileCache(): Promise<void> {
  const modules = ['src/container.ts', 'src/api/app.ts'].map((path) => `import '${join(root, path)}';`).join('');
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: compileCache };
  const child = spawn(process.execPath, ['--input-type=module', '-e', modules], { env, stdio: 'inherit' });
  await once(child, 'exit');
}
