import Koa from 'koa';
import type { Container } from '../container.ts';
import { closeServer, listen } from './listen.ts';

/**
 * `/metrics` on a port of its own, which nobody outside should reach; undefined when no port is set. It has no part in
 * the API's limits and logs.
 */
export async function serveMetrics({ config, metrics, log }: Container) {
  const at = config.observability.metrics;
  if (!at) return undefined;
  const app = new Koa();
  app.use(async (koa) => {
    if (koa.method !== 'GET' || koa.path !== '/metrics') return;
    koa.type = 'text/plain; version=0.0.4; charset=utf-8';
    koa.body = await metrics.text();
  });
  app.on('error', (error: unknown) => log.warn({ err: error }, 'the metrics could not be told'));
  const server = await listen(app.callback(), { ...at, http: config.http });
  log.info({ address: server.address() }, 'metrics are served');
  return { close: () => closeServer(server, 1_000) };
}
