import type { Stage } from './scenario.ts';

/** Flows that are promised and that Temporal has not been told of: so many wait while it is away, and none otherwise. */
export async function waitingStarts({ world, tenants }: Stage): Promise<number> {
  const [row] = await world.sql<{ count: number }>(
    `select count(*)::int as count from app.outbox where operation = 'start' and tenant_id = any ($1)`,
    [tenants.map(({ id }) => id)],
  );
  return row?.count ?? 0;
}
