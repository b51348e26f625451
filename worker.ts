import Koa from 'koa';
import Router from '@koa/router';
import { mountHealth } from './src/api/health.ts';
import { closeServer, listen } from './src/api/listen.ts';
import { serveMetrics } from './src/api/metrics.ts';
import { loadConfig } from './src/config.ts';
import { createContainer } from './src/container.ts';
import { stopOnSignal } from './src/lifecycle.ts';

/** Runs every queue, the relay and nothing of the API but its health, on a port of its own. */
const config = loadConfig();
let fail: (reason: unknown) => void = (reason) => {
  throw reason;
};
const container = await createContainer(config, ['otp', 'sends', 'flows'], (reason) => fail(reason));
const router = new Router();
mountHealth(router, container);
const app = new Koa();
app.use(router.routes());
const server = await listen(app.callback(), { host: config.host, port: config.worker.port, http: config.http });
const metrics = await serveMetrics(container);
fail = stopOnSignal(container, stop);

async function stop(): Promise<void> {
  await container.close();
  await closeServer(server, 1_000);
  await metrics?.close();
}
container.log.info({ address: server.address() }, 'the worker is up');
