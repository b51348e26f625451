import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { writingFunctions, type Counted, type SqlCounts } from './sql-counts.ts';
import { temporalCalls } from './temporal-calls.ts';

/** `writes`: transactions that wrote something, or locked a row, by the ids that Postgres gave out. */
export type Counters = { at: number; sql: Record<string, Counted>; writes: number; temporal: Record<string, number> };
export type Cost = {
  requests: number;
  roundTrips: number;
  writes: number;
  temporalCalls: number;
  /** By what was asked. Its commits add up to `writes`, but for those of transactions that only read. */
  sql: Record<string, Counted>;
  temporal: Record<string, number>;
};
export type Idle = Omit<Cost, 'requests'>;

type Sources = { counts: SqlCounts; database: pg.Pool; metricsUrl: string };

/** What has been counted since the start, by three who know: the wire, Postgres, and Temporal. */
export function countersOf({ counts, database, metricsUrl }: Sources) {
  const read = async (): Promise<Counters> => ({
    at: performance.now(),
    sql: counts.read(await writingFunctions(database)),
    writes: await transactionIds(database),
    temporal: await temporalCalls(metricsUrl),
  });
  return {
    read,
    /** What happens each second while nobody asks for anything. */
    async idle(ms: number): Promise<Idle> {
      const before = await read();
      await sleep(ms);
      const { requests: _, ...perSecond } = perRequest(before, await read(), undefined, ms / 1_000);
      return perSecond;
    },
  };
}

/** What was counted between two readings, without what would have happened anyway, for each request. */
export function perRequest(before: Counters, after: Counters, idle: Idle | undefined, requests: number): Cost {
  const seconds = (after.at - before.at) / 1_000;
  const share = (count: number, idlePerSecond = 0) => round((count - idlePerSecond * seconds) / requests);
  const sql = Object.fromEntries(
    Object.entries(after.sql)
      .map(([what, { flights, commits }]): [string, Counted] => [
        what,
        {
          flights: share(flights - (before.sql[what]?.flights ?? 0), idle?.sql[what]?.flights),
          commits: share(commits - (before.sql[what]?.commits ?? 0), idle?.sql[what]?.commits),
        },
      ])
      .filter(([, { flights }]) => Math.abs(flights) >= 0.005)
      .toSorted(([, a], [, b]) => b.flights - a.flights),
  );
  const temporal = Object.fromEntries(
    Object.entries(after.temporal)
      .map(([operation, count]): [string, number] => [
        operation,
        share(count - (before.temporal[operation] ?? 0), idle?.temporal[operation]),
      ])
      .filter(([, count]) => Math.abs(count) >= 0.005)
      .toSorted(([, a], [, b]) => b - a),
  );
  const sum = (values: number[]) => round(values.reduce((total, value) => total + value, 0));
  return {
    requests,
    roundTrips: sum(Object.values(sql).map(({ flights }) => flights)),
    writes: share(after.writes - before.writes, idle?.writes),
    temporalCalls: sum(Object.values(temporal)),
    sql,
    temporal,
  };
}

/** The next transaction id. Postgres gives one to each transaction that writes, and to no other; asking takes none. */
async function transactionIds(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ next: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
  );
  return Number(rows[0]?.next);
}

const round = (value: number): number => Math.round(value * 100) / 100;
