import type { Deps } from '../../context.ts';
import { tablesToEmpty, type TenantTable } from './tables.ts';

const TENANTS = 20;
/**
 * How many rows one transaction deletes: few at first, and at most. What the deletion of a row costs differs by table:
 * for each Postgres looks whether another row refers to it, and may have to look past many that are gone already.
 */
const FIRST = 25;
const MOST = 1_000;
const QUICK_MS = 100;
const SLOW_MS = 500;
/** How long one step deletes, at most, before it gives way: a process that stops waits for it. */
const STEP_MS = 5_000;

/** `next`: after which tenant the next step goes on, or null when nothing is left. `held` waits for its flows to end. */
export type PurgeStep = { next: number | null; tenants: number; rows: number; held: number; failed: number };

/**
 * Removes for good what was deleted longer ago than it can be restored, so much as fits into one step. Every transaction
 * leaves less, and which tenant comes next is read from rows: whoever goes on after a crash, at whatever point, ends in
 * the same state. One that cannot be removed is counted, logged and left for the next night.
 */
export async function purgeTenants(
  deps: Pick<Deps, 'pool' | 'log'>,
  after: number,
  { most = MOST, stepMs = STEP_MS }: { most?: number; stepMs?: number } = {},
): Promise<PurgeStep> {
  const endsAt = performance.now() + stepMs;
  const step: PurgeStep = { next: null, tenants: 0, rows: 0, held: 0, failed: 0 };
  const { rows: due } = await deps.pool.query<{ tenant_id: number; held: boolean }>(
    'select tenant_id, held from app.due_tenant_purges($1, $2)',
    [after, TENANTS],
  );
  if (due.length === 0) return step;
  const tables = await tablesToEmpty(deps.pool);
  for (const { tenant_id: tenantId, held } of due) {
    if (held) {
      step.held += 1;
      deps.log.warn({ tenant_id: tenantId }, 'a deleted tenant is not purged yet: its flows have not ended');
      continue;
    }
    try {
      const { rows, outcome } = await purgeTenant(deps, tenantId, tables, { most, endsAt });
      step.rows += rows;
      if (outcome === 'unfinished') return { ...step, next: tenantId - 1 };
      if (outcome === 'purged') step.tenants += 1;
    } catch (error) {
      step.failed += 1;
      deps.log.error({ err: error, tenant_id: tenantId }, 'a deleted tenant could not be purged');
    }
  }
  return { ...step, next: due.length === TENANTS ? (due.at(-1)?.tenant_id ?? null) : null };
}

type Bounds = { most: number; endsAt: number };
type Purged = { rows: number; outcome: 'purged' | 'unfinished' | 'restored' };

async function purgeTenant(
  { pool, log }: Pick<Deps, 'pool' | 'log'>,
  tenantId: number,
  tables: TenantTable[],
  { most, endsAt }: Bounds,
): Promise<Purged> {
  const ask = async <T>(text: string, values: unknown[]): Promise<T | undefined> =>
    (await pool.query<{ answer: T }>(`select ${text} as answer`, values)).rows[0]?.answer;
  let rows = 0;
  if (!(await ask('app.begin_tenant_purge($1)', [tenantId]))) return { rows, outcome: 'restored' };
  for (const { name, refersToItself } of tables) {
    let size = Math.min(FIRST, most);
    for (let emptied = false; !emptied;) {
      const startedAt = performance.now();
      const gone = Number(await ask(`app.purge_${name}($1, $2)`, [tenantId, refersToItself ? null : size]));
      rows += gone;
      if (gone > 0 && performance.now() > endsAt) return { rows, outcome: 'unfinished' };
      emptied = refersToItself || gone < size;
      const tookMs = performance.now() - startedAt;
      if (tookMs < QUICK_MS) size = Math.min(size * 2, most);
      else if (tookMs > SLOW_MS) size = Math.ceil(size / 2);
    }
  }
  await ask('app.finish_tenant_purge($1)', [tenantId]);
  log.info({ tenant_id: tenantId }, 'a deleted tenant is purged');
  return { rows, outcome: 'purged' };
}
