import {
  bundleWorkflowCode,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type Logger as SdkLogger,
  type NativeConnection,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Activities } from '../activities/index.ts';
import type { Config } from '../config.ts';
import { taskQueues } from '../domain/flow.ts';
import { mask, type Logger } from '../log.ts';
import type { Tracing } from '../observability/tracing.ts';
import { activityTraces } from './trace-headers.ts';
import { workerLimits } from './worker-limits.ts';
import { workflowSources } from './workflow-sources.ts';

type Setup = { config: Config; log: Logger; tracing: Tracing; activities: Activities; queues: readonly Queue[] };
export type Queue = keyof typeof taskQueues;

/**
 * The SDK's own log goes through ours, so that it is masked too. Before the first connection of the process. With an
 * address, the SDK's own metrics are served there.
 */
export function installRuntime(log: Logger, metricsAddress?: string): void {
  Runtime.install({
    // Signals belong to server.ts and worker.ts, which stop the parts in order.
    shutdownSignals: [],
    // Without this the SDK's native half would write past our log.
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) },
      ...(metricsAddress !== undefined && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
    logger: forwardTo(log.child({ from: 'temporal' })),
  });
}

function forwardTo(log: Logger): SdkLogger {
  const write = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) => {
    const { error, ...rest } = (meta ?? {}) as { error?: unknown };
    log[level]({ ...onlyIds(rest), ...(error ? { err: error } : {}) }, mask(message));
  };
  const warn = (message: string, meta?: object) =>
    // A queue that only has activities is meant to have no workflows.
    write(message.startsWith('No workflows registered') ? 'debug' : 'warn')(message, meta);
  const by = { TRACE: write('trace'), DEBUG: write('debug'), INFO: write('debug'), WARN: warn, ERROR: write('error') };
  return {
    log: (level, message, meta) => by[level](message, meta),
    trace: by.TRACE,
    debug: by.DEBUG,
    // What webpack and the SDK call info is of interest to somebody who looks for a fault.
    info: by.INFO,
    warn: by.WARN,
    error: by.ERROR,
  };
}

const onlyIds = (meta: object) =>
  Object.fromEntries(
    ['workflowId', 'runId', 'workflowType', 'activityType', 'taskQueue', 'attempt']
      .filter((name) => name in meta)
      .map((name) => [name, (meta as Record<string, unknown>)[name]]),
  );

export type RunningWorkers = {
  queues: readonly string[];
  /** Whether all of them take tasks: not before they have begun, nor while they stop. */
  run(): boolean;
  /** Lets what they have begun end, for some seconds. Never fails: tasks that are left go to another worker. */
  stop(): Promise<void>;
};

/** Starts one worker for each queue. `onFailure` hears of a worker that ended by itself. */
export async function startWorkers(
  connection: NativeConnection,
  setup: Setup,
  onFailure: (error: unknown) => void,
): Promise<RunningWorkers> {
  const workflowBundle = await workflowCode(setup);
  const workers = await Promise.all(
    setup.queues.map((queue) =>
      Worker.create({
        connection,
        namespace: setup.config.temporal.namespace,
        taskQueue: taskQueues[queue],
        // Longer than a send may take. While Temporal hangs, the polls under way never end by themselves.
        shutdownGraceTime: '12s',
        shutdownForceTime: '15s',
        ...queueOptions(setup, queue, workflowBundle),
        ...(setup.tracing.on && { interceptors: { activity: [activityTraces(setup.tracing)] } }),
      }),
    ),
  );
  let stopping = false;
  const ended = (error: unknown): void => {
    if (stopping) setup.log.warn({ err: error }, 'a worker did not come to rest');
    else onFailure(error);
  };
  const runs = workers.map((worker) => worker.run().catch(ended));
  return {
    queues: setup.queues.map((queue) => taskQueues[queue]),
    run: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    async stop() {
      stopping = true;
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(runs);
    },
  };
}

function queueOptions(
  { config, activities }: Setup,
  queue: Queue,
  workflowBundle: WorkflowBundleOption,
): Partial<WorkerOptions> {
  switch (queue) {
    case 'otp':
      return {
        workflowBundle,
        activities: activities.otp,
        // Its activities are local ones: polling for others would only cost.
        enableNonLocalActivities: false,
        maxCachedWorkflows: config.temporal.maxCachedWorkflows,
        ...workerLimits.otp,
      };
    case 'sends':
      return { activities: activities.sends, ...workerLimits.sends };
    case 'flows':
      return {
        workflowBundle,
        activities: activities.flows,
        ...workerLimits.flows,
        // When thousands wake in one second they wait here, in line, and not for a connection of the pool, in vain.
        maxConcurrentLocalActivityExecutions: Math.max(2, Math.floor(config.database.poolSize / 2)),
        maxConcurrentActivityTaskExecutions: Math.max(2, Math.floor(config.database.poolSize / 4)),
      };
  }
}

/** The workflows as one script: built beforehand, or now. Queues of one process share it. */
async function workflowCode({ config, log }: Setup): Promise<WorkflowBundleOption> {
  if (config.temporal.workflowBundle) return { codePath: config.temporal.workflowBundle };
  const started = performance.now();
  const bundle = await bundleWorkflowCode({ ...workflowSources, logger: forwardTo(log) });
  log.info({ ms: Math.round(performance.now() - started) }, 'workflows are bundled');
  return bundle;
}
