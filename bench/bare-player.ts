import { randomInt, randomUUID, randomUUIDv7 } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { searchAttributes } from '../src/temporal/starts.ts';
import { CACHED_PASSCODES, workerLimits } from '../src/temporal/worker-limits.ts';
import { createBareActivities, type BarePasscode } from './bare-activities.ts';
import { inParallel } from './loops.ts';
import { servePhases } from './phase.ts';
import { play } from './play.ts';
import { createSender } from './sender.ts';

/**
 * What Temporal alone costs: a worker and a client on its connection, and the same workflow, without rows and API.
 * The generator is in this process: a bare client has no HTTP in front of it, so none is charged to it.
 */
const { TEMPORAL_ADDRESS = '', SANDBOX_URL = '', SANDBOX_SECRET = '' } = process.env;
const TASK_QUEUE = 'bare';
const LIFE_MS = 300_000;

Runtime.install({ shutdownSignals: [] });
const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS });
const client = new Client({ connection });
const worker = await Worker.create({
  connection,
  taskQueue: TASK_QUEUE,
  workflowBundle: await bundleWorkflowCode({ workflowsPath: fileURLToPath(import.meta.resolve('./bare-workflow.ts')) }),
  activities: createBareActivities(createSender(SANDBOX_URL, SANDBOX_SECRET, randomUUID())),
  // As the product's worker for passcodes.
  enableNonLocalActivities: false,
  maxCachedWorkflows: Number(process.env['MAX_CACHED_WORKFLOWS'] ?? CACHED_PASSCODES),
  ...workerLimits.otp,
});
void worker.run();
process.once('SIGTERM', () => process.exit(0));

const handles = new Map<string, WorkflowHandleWithFirstExecutionRunId>();

servePhases(async (plan) => {
  const played = await play({ send, verify }, plan);
  await endLeftOvers();
  return played;
});

async function send(phone: string) {
  try {
    handles.set(phone, await start(phone));
    return { status: 202 };
  } catch (error) {
    console.error(error);
    return { status: 0 };
  }
}

async function verify(phone: string): Promise<boolean> {
  const handle = handles.get(phone);
  handles.delete(phone);
  try {
    await handle?.signal('verified');
    return true;
  } catch (error) {
    console.error(error);
    return false;
  }
}

/** Nothing keeps a bare client from taking on more than it can do; what is left would fall on whoever plays next. */
async function endLeftOvers(): Promise<void> {
  const left = [...handles.keys()];
  await inParallel(left.length, 16, (i) => verify(left[i] ?? ''));
}

function start(to: string): Promise<WorkflowHandleWithFirstExecutionRunId> {
  const id = randomUUIDv7();
  const expiresAt = Date.now() + LIFE_MS;
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  return client.workflow.start('bareOtp', {
    workflowId: `otp/1/${id}`,
    taskQueue: TASK_QUEUE,
    args: [{ messageId: randomUUIDv7(), to, code, expiresAt } satisfies BarePasscode],
    staticSummary: 'One-time passcode of tenant 1',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.tenantId, value: '1' },
      { key: searchAttributes.flowKind, value: 'otp' },
      { key: searchAttributes.entityId, value: id },
      { key: searchAttributes.stage, value: 'awaiting_code' },
      { key: searchAttributes.nextActionAt, value: new Date(expiresAt) },
    ]),
    workflowIdConflictPolicy: 'FAIL',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowTaskTimeout: '5s',
    priority: { priorityKey: 1, fairnessKey: 't:1' },
    requestEagerStart: true,
  });
}
