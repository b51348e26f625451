import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { ImportActivities } from '../activities/index.ts';

const activities = proxyActivities<ImportActivities>({
  // After a kill it is so long until another worker goes on.
  startToCloseTimeout: '10s',
  // For as long as Postgres is away: a batch that was not written is tried again, and one that was is not repeated.
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

export type ImportInput = { tenantId: number; importId: string };

/** Takes in a file of contacts, batch by batch. The rows know how far it is and what came of each line. */
export async function importContacts({ tenantId, importId }: ImportInput): Promise<{ lines: number }> {
  for (;;) {
    const progress = await activities.importBatch({ tenantId, importId });
    if (progress.done) return { lines: progress.lines };
    setCurrentDetails(`${progress.lines} lines, ${progress.bytes} of ${progress.ofBytes} bytes`);
  }
}
