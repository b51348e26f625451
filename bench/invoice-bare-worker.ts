import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { workerLimits } from '../src/temporal/worker-limits.ts';
import { createSender } from './sender.ts';

/** The worker of bare reminders: two queues with the settings that the product's worker gives `flows` and `sends`. */
const { TEMPORAL_ADDRESS = '', SANDBOX_URL = '', SANDBOX_SECRET = '', PORT } = process.env;

Runtime.install({ shutdownSignals: [] });
const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS });
const workers = await Promise.all([
  Worker.create({
    connection,
    taskQueue: 'bare-flows',
    workflowsPath: fileURLToPath(import.meta.resolve('./invoice-bare-workflow.ts')),
    ...workerLimits.flows,
  }),
  Worker.create({
    connection,
    taskQueue: 'bare-sends',
    activities: { send: createSender(SANDBOX_URL, SANDBOX_SECRET, randomUUID()) },
    ...workerLimits.sends,
  }),
]);
for (const worker of workers) void worker.run();
process.once('SIGTERM', () => process.exit(0));
createServer((_, response) => response.end('ready')).listen(Number(PORT), '127.0.0.1');
