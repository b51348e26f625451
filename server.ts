import { createApp } from './src/api/app.ts';
import { closeServer, listen } from './src/api/listen.ts';
import { serveMetrics } from './src/api/metrics.ts';
import { loadConfig } from './src/config.ts';
import { createContainer } from './src/container.ts';
import { stopOnSignal } from './src/lifecycle.ts';
import type { Queue } from './src/temporal/workers.ts';

/** The API. It may run workers as well: all of them, or those of the passcodes, which then start at once. */
const config = loadConfig();
const queues: Record<typeof config.worker.inProcess, Queue[]> = {
  true: ['otp', 'sends', 'flows'],
  otp: ['otp'],
  false: [],
};

let fail: (reason: unknown) => void = (reason) => {
  throw reason;
};
const container = await createContainer(config, queues[config.worker.inProcess], (reason) => fail(reason));
const server = await listen(createApp(container).callback(), config);
const metrics = await serveMetrics(container);
fail = stopOnSignal(container, stop);

async function stop(): Promise<void> {
  await closeServer(server, 20_000);
  await container.close();
  await metrics?.close();
}
container.log.info({ address: server.address() }, 'the API is listening');
