import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { taskQueues } from '../domain/flow.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Tracing } from '../observability/tracing.ts';
import { Undeliverable } from './delivery.ts';
import { isBulk, type Dispatcher, type OutboxEntry } from './dispatcher.ts';
import type { TemporalLink } from './link.ts';
import type { StartGate } from './start-gate.ts';

const BATCH = 50;
/** Short, so that another relay soon takes up what a dead one held; renewed, since a row may wait long at the gate. */
const LEASE = '8 seconds';
const RENEW_MS = 2_500;
const IDLE_MS = 500;
/** A relay that has finished no round for so long is stuck: the slowest ones, with Temporal half away, take less. */
const STUCK_MS = 30_000;
/** Places that come free one by one are filled together. */
const GATHER_MS = 20;

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
  trace?: string | undefined;
};

type RelayDeps = {
  pool: Pool;
  dispatcher: Dispatcher;
  starts: StartGate;
  temporal: TemporalLink;
  tracing: Tracing;
  metrics: Metrics;
  log: Logger;
};

/**
 * Delivers what the inline attempt left behind: in order per flow, leased so that two relays share. What is urgent goes
 * oldest first; the bulk as there is room for it, tenants in turn.
 */
export function startRelay({ pool, dispatcher, starts, temporal, tracing, metrics, log }: RelayDeps) {
  const stop = new AbortController();
  const held = new Set<string>();
  const flights = new Set<Promise<void>>();

  let lastRoundAt = performance.now();
  let wake: () => void = () => undefined;
  starts.whenFree(() => {
    if (starts.crowded) wake();
  });

  /** Answers whether there is more to do at once. */
  const round = async (): Promise<boolean> => {
    const room = Math.min(BATCH, starts.free());
    const { tenants, had } = starts.shares();
    const { rows } = await pool.query<LeasedRow>('select * from app.lease_outbox($1, $2, $3::interval, $4, $5)', [
      BATCH,
      room,
      LEASE,
      tenants,
      had,
    ]);
    for (const { id } of rows) held.add(id);
    if (tracing.on && rows.length > 0) await addTraces(pool, rows);
    metrics.relayRound();
    const [bulk, urgent] = [rows.filter(isBulk), rows.filter((row) => !isBulk(row))];
    if (room > 0) starts.crowded = bulk.length === room;
    // Each holds a place, which says when the next may follow: nobody else waits for it.
    for (const row of bulk) fly(row);
    await Promise.all(urgent.map(deliver));
    return urgent.length === BATCH;
  };

  const fly = (row: LeasedRow): void => {
    starts.enter(row.tenant_id, row.flow_id);
    const flight = deliver(row).finally(() => flights.delete(flight));
    flights.add(flight);
  };

  const deliver = async (row: LeasedRow): Promise<void> => {
    try {
      await dispatcher.deliver({ ...row, tenantId: row.tenant_id, flowId: row.flow_id }, row.age_ms);
    } catch (error) {
      await postpone(row, error).catch((reason: unknown) => {
        log.warn({ err: reason, flow_id: row.flow_id }, 'an outbox row keeps its lease until that ends');
      });
    } finally {
      held.delete(row.id);
    }
  };

  const postpone = async (
    { id, tenant_id, flow_id, operation, attempts }: LeasedRow,
    error: unknown,
  ): Promise<void> => {
    const seconds = Math.min(30, 2 ** Math.min(attempts, 5) / 2);
    const { rows } = await pool.query<{ parked: boolean | null }>(
      'select app.postpone_outbox($1, $2::interval, $3) as parked',
      [id, `${seconds} seconds`, error instanceof Undeliverable],
    );
    const names = { err: error, outbox_id: id, tenant_id, flow_id, operation, attempts };
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
      let more = false;
      try {
        // Without a client every lease would only be given back. And before the worker of passcodes runs here, nobody
        // would say that one is delivered and the next may follow: the whole outbox would go to Temporal at once.
        if (temporal.runsQueue(taskQueues.otp) && (await temporal.check())) more = await round();
        lastRoundAt = performance.now();
      } catch (error) {
        log.warn({ err: error }, 'the relay could not read the outbox');
      }
      if (more) await dispatcher.flush();
      else await rest();
    }
  };
  /** Until it is time again, or places have come free that somebody waits for. */
  const rest = async (): Promise<void> => {
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const time = new AbortController();
    const either = AbortSignal.any([stop.signal, time.signal]);
    await Promise.race([
      woken.then(() => delay(GATHER_MS)),
      delay(IDLE_MS, undefined, { signal: either }).catch(() => undefined),
    ]);
    time.abort();
  };
  const renewing = setInterval(() => void renew(), RENEW_MS);
  const running = run();

  return {
    /** Whether it goes on: rounds end, if only because Temporal is away. */
    goesOn: (): boolean => performance.now() - lastRoundAt < STUCK_MS,
    async stop(): Promise<void> {
      stop.abort();
      await running;
      await Promise.all(flights);
      clearInterval(renewing);
    },
  };
}

/** Kept beside the lease, which costs the same whether traces are taken or not. */
async function addTraces(pool: Pool, rows: LeasedRow[]): Promise<void> {
  const traces = await pool.query<{ id: string; trace: string }>(
    'select id, trace from app.outbox_traces($1::bigint[])',
    [rows.map(({ id }) => id)],
  );
  const byId = new Map(traces.rows.map(({ id, trace }) => [id, trace]));
  for (const row of rows) row.trace = byId.get(row.id);
}
