import type Router from '@koa/router';
import type { Pool } from 'pg';
import { assertBound, assertMigrated } from '../database-checks.ts';
import type { Container } from '../container.ts';

const PROBE_MS = 1_000;

/**
 * `/healthz`: this process runs. `/readyz`: it can do its work; 503 names what is missing. `relay` and `workers` stand
 * there in a process that runs them: `stuck` is a relay without a finished round, or workers that take no tasks.
 */
export function mountHealth(
  router: Router,
  { pool, temporal, parts }: Pick<Container, 'pool' | 'temporal' | 'parts'>,
): void {
  const postgresIsReady = probe(pool);

  router.get('/healthz', (koa) => {
    koa.state['route'] = 'GET /healthz';
    koa.body = { status: 'ok' };
  });

  router.get('/readyz', async (koa) => {
    koa.state['route'] = 'GET /readyz';
    const [postgres, answers] = await Promise.all([postgresIsReady(), temporal.check()]);
    const checks = {
      postgres: postgres ? 'ok' : 'unreachable',
      // Without Temporal the API still accepts, but flows would not start: not ready for new traffic.
      temporal: answers ? 'ok' : 'unreachable',
      ...Object.fromEntries(Object.entries(parts).map(([name, works]) => [name, works() ? 'ok' : 'stuck'])),
    };
    const ready = Object.values(checks).every((state) => state === 'ok');
    koa.status = ready ? 200 : 503;
    koa.body = { status: ready ? 'ready' : 'not_ready', checks };
  });
}

/** Whoever asks while Postgres has not answered waits for the same answer: probes must not use up the connections. */
function probe(pool: Pool): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    try {
      await assertBound(pool);
      await assertMigrated(pool);
      return true;
    } catch {
      return false;
    } finally {
      asked = undefined;
    }
  };
  return () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), PROBE_MS);
    });
    asked ??= ask();
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  };
}
