/**
 * How much of each queue a worker has under way and in memory. The benchmarks give a bare client the same, so that what
 * they compare is the product.
 */
export const workerLimits = {
  otp: { maxConcurrentWorkflowTaskExecutions: 200, maxConcurrentLocalActivityExecutions: 100 },
  /** Below the pool of connections, which passcodes share. */
  sends: { maxConcurrentActivityTaskExecutions: 12 },
  flows: { maxCachedWorkflows: 100 },
} as const;

/** Workflows of passcodes that a worker keeps in memory, unless `MAX_CACHED_WORKFLOWS` says otherwise. */
export const CACHED_PASSCODES = 2_000;
