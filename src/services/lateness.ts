import type { Deps } from '../context.ts';

/** How far work is behind, over all tenants, in seconds. Words from fixed lists: nothing names a tenant or a person. */
export type Lateness = {
  /** Of each kind of flow, by how much the most overdue next action is late; kinds that are in time are not named. */
  flows: { kind: string; seconds: number }[];
  webhooks: {
    /** Age of the oldest webhook that was taken in and not applied; 0 when there is none. */
    oldestSeconds: number;
    /** Those that were given up. */
    parked: number;
  };
};

type Row = {
  flows: { kind: string; seconds: number }[] | null;
  webhooks: { oldest_seconds: number | null; parked: number };
};

/** One statement, cheap enough for a look every few seconds. Throws when Postgres is away. */
export async function lateness({ pool }: Pick<Deps, 'pool'>): Promise<Lateness> {
  const { rows } = await pool.query<Row>(
    `select (select jsonb_agg(f) from app.late_flows() f) as flows,
       (select to_jsonb(w) from app.webhook_figures() w) as webhooks`,
  );
  const [row] = rows;
  if (!row) throw new Error('A select without from answers one row');
  return {
    flows: row.flows ?? [],
    webhooks: { oldestSeconds: row.webhooks.oldest_seconds ?? 0, parked: row.webhooks.parked },
  };
}
