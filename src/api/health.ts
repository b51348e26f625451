import type Router from '@koa/router';
import type { Pool } from 'pg';
import { assertBound, assertMigrated } from '../database-checks.ts';
import type { Container } from '../container.ts';

const PROBE_MS = 1_000;

/** `/healthz`: this process runs. `/readyz`: it can do its work; the answer names what is missing. */
export function mountHealth(router: Router, { pool, temporal }: Pick<Container, 'pool' | 'temporal'>): void {
  router.get('/healthz', (koa) => {
    koa.state['route'] = 'GET /healthz';
    koa.body = { status: 'ok' };
  });

  router.get('/readyz', async (koa) => {
    koa.state['route'] = 'GET /readyz';
    const [postgres, answers] = await Promise.all([postgresIsReady(pool), temporal.check()]);
    // Without Temporal the API still accepts, but flows would not start: not ready for new traffic.
    koa.status = postgres && answers ? 200 : 503;
    koa.body = {
      status: koa.status === 200 ? 'ready' : 'not_ready',
      checks: { postgres: postgres ? 'ok' : 'unreachable', temporal: answers ? 'ok' : 'unreachable' },
    };
  });
}

async function postgresIsReady(pool: Pool): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_MS);
  });
  const asked = Promise.all([assertBound(pool), assertMigrated(pool)]).then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
