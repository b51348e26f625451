import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from '../log.ts';
import { Undeliverable } from './delivery.ts';
import type { Dispatcher, OutboxEntry } from './dispatcher.ts';
import type { TemporalLink } from './link.ts';

const BATCH = 50;
/** Short, so that another relay soon takes up what a dead one held; renewed, since a row may wait long at the gate. */
const LEASE = '8 seconds';
const RENEW_MS = 2_500;
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
  const { pool, dispatcher, temporal, log } = deps;
  const stop = new AbortController();
  const held = new Set<string>();

  const round = async (): Promise<number> => {
    const { rows } = await pool.query<LeasedRow>('select * from app.lease_outbox($1, $2::interval)', [BATCH, LEASE]);
    for (const { id } of rows) held.add(id);
    await Promise.all(rows.map(deliver));
    return rows.length;
  };

  const deliver = async (row: LeasedRow): Promise<void> => {
    try {
      await dispatcher.deliver({ ...row, tenantId: row.tenant_id, flowId: row.flow_id }, row.age_ms);
    } catch (error) {
      await postpone(row, error);
    } finally {
      held.delete(row.id);
    }
  };

  const postpone = async ({ id, flow_id, operation, attempts }: LeasedRow, error: unknown): Promise<void> => {
    const seconds = Math.min(30, 2 ** Math.min(attempts, 5) / 2);
    const { rows } = await pool.query<{ parked: boolean | null }>(
      'select app.postpone_outbox($1, $2::interval, $3) as parked',
      [id, `${seconds} seconds`, error instanceof Undeliverable],
    );
    const names = { err: error, flow_id, operation, attempts };
    if (rows[0]?.parked) log.error(names, 'an outbox row is given up');
    else log.warn(names, 'outbox delivery is postponed');
  };

  const renew = async (): Promise<void> => {
    try {
      if (held.size > 0) await pool.query('select app.renew_outbox($1::bigint[], $2::interval)', [[...held], LEASE]);
    } catch (error) {
      log.warn({ err: error, rows: held.size }, 'the leases of outbox rows were not renewed');
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let delivered = 0;
      try {
        // Without a client every lease would only be given back.
        if (temporal.client && (await temporal.check())) delivered = await round();
      } catch (error) {
        log.warn({ err: error }, 'the relay could not read the outbox');
      }
      if (delivered < BATCH) await delay(IDLE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      else await dispatcher.flush();
    }
  };
  const renewing = setInterval(() => void renew(), RENEW_MS);
  const running = run();

  return {
    async stop(): Promise<void> {
      stop.abort();
      await running;
      clearInterval(renewing);
    },
  };
}
