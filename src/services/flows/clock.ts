import type { EntityManager } from '@mikro-orm/postgresql';
import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';

/** What time it is for a flow; for one that has no row yet, by Postgres' clock. */
export async function flowNow(em: EntityManager, flowId: string): Promise<Date> {
  const [row] = await em.execute<{ ms: number }[]>(
    `select (extract(epoch from clock_timestamp() + coalesce((select f.clock_offset from app.flows f where f.id = ?), '0'))
       * 1000)::double precision as ms`,
    [flowId],
  );
  return new Date(row?.ms ?? NaN);
}

/**
 * Under skipped time, and never otherwise: has a flow's clock say at least what Temporal's says, in milliseconds since
 * 1970. The flow is named by its own id, or by that of a message that it sends. Before each plan, claim and settlement:
 * what these compare with the flow's now has Temporal's time then.
 */
export async function setClock(
  { config, pool }: Pick<Deps, 'config' | 'pool'>,
  tenantId: number,
  id: string,
  now: number,
): Promise<void> {
  if (!config.skippedTime) return;
  await runForTenant(pool, tenantId, {
    name: 'flow_clock',
    // In seconds alone: days would be added by the calendar of the session's zone.
    text: `update app.flows f set clock_offset =
        greatest(f.clock_offset, make_interval(secs => extract(epoch from to_timestamp($2) - clock_timestamp())::float8))
      where f.id = coalesce((select m.flow_id from app.messages m where m.id = $1), $1)`,
    values: [id, now / 1_000],
  });
}
