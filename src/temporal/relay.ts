import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from '../log.ts';
import type { Dispatcher, OutboxEntry } from './dispatcher.ts';
import type { TemporalLink } from './link.ts';

const BATCH = 50;
const LEASE = '30 seconds';
const IDLE_MS = 500;

type LeasedRow = {
  tenant_id: number;
  id: string;
  operation: OutboxEntry['operation'];
  kind: string;
  flow_id: string;
  signal: string | null;
  args: Record<string, unknown>;
  attempts: number;
  age_ms: number;
};

/** Delivers what the inline attempt left behind: oldest first, in order per flow, leased so that two relays share. */
export function startRelay(deps: { pool: Pool; dispatcher: Dispatcher; temporal: TemporalLink; log: Logger }) {
  const stop = new AbortController();

  const round = async (): Promise<number> => {
    const { rows } = await deps.pool.query<LeasedRow>('select * from app.lease_outbox($1, $2::interval)', [
      BATCH,
      LEASE,
    ]);
    await Promise.all(rows.map(deliver));
    return rows.length;
  };

  const deliver = async (row: LeasedRow): Promise<void> => {
    const entry: OutboxEntry = { ...row, tenantId: row.tenant_id, flowId: row.flow_id };
    try {
      await deps.dispatcher.deliver(entry, row.age_ms);
    } catch (error) {
      const seconds = Math.min(30, 2 ** Math.min(row.attempts, 5) / 2);
      deps.log.warn({ err: error, flow_id: row.flow_id, operation: row.operation }, 'outbox delivery is postponed');
      await deps.pool.query('select app.postpone_outbox($1, $2::interval)', [row.id, `${seconds} seconds`]);
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let delivered = 0;
      try {
        // Without a client every lease would only be given back.
        if (deps.temporal.client && (await deps.temporal.check())) delivered = await round();
      } catch (error) {
        deps.log.warn({ err: error }, 'the relay could not read the outbox');
      }
      if (delivered < BATCH) await delay(IDLE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      else await deps.dispatcher.flush();
    }
  };
  const running = run();

  return {
    async stop(): Promise<void> {
      stop.abort();
      await running;
    },
  };
}
