import type { Client } from '@temporalio/client';
import { connected } from '../temporal-away.ts';
import type { TemporalLink } from './link.ts';
import { scheduleIds } from './schedules.ts';

export type LastRun = {
  schedule: string;
  /** When a run of it last ended without a failure; when it was made, if Temporal knows of none. */
  endedAt: Date;
};

/** A look costs a query of Temporal's for each schedule, and the quickest runs once a minute. */
const KEEP_MS = 20_000;
const DEADLINE_MS = 2_000;

/**
 * Asks Temporal, which alone knows: a round is run by whichever process takes it, and a schedule may be paused by hand.
 * The answer is kept for some seconds. Fails while Temporal is away.
 */
export function createLastRuns(temporal: () => Pick<TemporalLink, 'client'>): () => Promise<LastRun[]> {
  let runs: LastRun[] = [];
  let lookedAt = -Infinity;

  return async () => {
    const client = connected(temporal());
    if (performance.now() - lookedAt >= KEEP_MS) {
      const look = () =>
        Promise.all(scheduleIds.map(async (schedule) => ({ schedule, endedAt: await lastEnd(client, schedule) })));
      runs = await client.connection.withDeadline(Date.now() + DEADLINE_MS, look);
      lookedAt = performance.now();
    }
    return runs;
  };
}

/** Runs that were started by hand count as well: whoever has mended something tries it that way. */
async function lastEnd(client: Client, schedule: string): Promise<Date> {
  // The newest comes first.
  const query = `TemporalScheduledById = '${schedule}' AND ExecutionStatus = 'Completed'`;
  for await (const { closeTime } of client.workflow.list({ query, pageSize: 1 })) if (closeTime) return closeTime;
  return (await client.schedule.getHandle(schedule).describe()).info.createdAt;
}
