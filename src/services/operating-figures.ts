import type { Deps } from '../context.ts';

/** Counts and ages over all tenants, by words from fixed lists: nothing names a tenant, a row or a person. */
export type OperatingFigures = {
  /** Flows that run now. Those that have ended are history, and counting them would cost more each day. */
  runningFlows: { kind: string; stage: string; count: number }[];
  outbox: {
    /** Age of the oldest row that Temporal was not told of, in seconds; 0 when there is none. */
    oldestUrgentSeconds: number;
    /** The same of bulk starts, which wait their turn: a long campaign makes this high, and nothing is wrong. */
    oldestBulkSeconds: number;
    /** Rows that were given up and whose flows have not ended. */
    parked: number;
  };
  /** Messages of the last day of which nobody knows, 10 minutes after the call, whether they arrived. */
  unsettledMessages: { kind: string; count: number }[];
  /** Channels that are paused, of tenants that there are; reasons that stop none are not named. */
  pausedChannels: { reason: PauseReason; count: number }[];
};

/** `reauthorise`: its credentials are refused. `provider`: the provider stopped it. `person`: somebody paused it. */
export type PauseReason = 'reauthorise' | 'provider' | 'person';

const UNSETTLED_AFTER = '10 minutes';

type Row = {
  flows: { kind: string; stage: string; running: number }[] | null;
  outbox: { urgent_seconds: number | null; bulk_seconds: number | null; parked: number };
  unsettled: { kind: string; unsettled: number }[] | null;
  channels: { reason: PauseReason; paused: number }[] | null;
};

/**
 * Reads all of them in one statement, for a metrics endpoint: once in some seconds is fine. It costs one step in an
 * index for each running flow, each unsettled message of a day, each parked row and each paused channel. Throws when
 * Postgres is away.
 */
export async function operatingFigures({ pool }: Pick<Deps, 'pool'>): Promise<OperatingFigures> {
  const { rows } = await pool.query<Row>(
    `select (select jsonb_agg(f) from app.running_flow_counts() f) as flows,
       (select to_jsonb(o) from app.outbox_figures() o) as outbox,
       (select jsonb_agg(u) from app.unsettled_message_counts($1::interval) u) as unsettled,
       (select jsonb_agg(c) from app.paused_channel_counts() c) as channels`,
    [UNSETTLED_AFTER],
  );
  const [row] = rows;
  if (!row) throw new Error('A select without from answers one row');
  return {
    runningFlows: (row.flows ?? []).map(({ kind, stage, running }) => ({ kind, stage, count: running })),
    outbox: {
      oldestUrgentSeconds: row.outbox.urgent_seconds ?? 0,
      oldestBulkSeconds: row.outbox.bulk_seconds ?? 0,
      parked: row.outbox.parked,
    },
    unsettledMessages: (row.unsettled ?? []).map(({ kind, unsettled }) => ({ kind, count: unsettled })),
    pausedChannels: (row.channels ?? []).map(({ reason, paused }) => ({ reason, count: paused })),
  };
}
