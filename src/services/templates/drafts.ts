import type { Deps } from '../../context.ts';
import { scopeOf } from '../scope.ts';
import { submitTemplates } from './submit.ts';

const TENANTS = 100;
/** Well below what the activity may take: what is left is the next round's. */
const ROUND_MS = 60_000;

/** Sends drafts of all tenants that nobody brought to the provider: it was away, or the process ended before. */
export async function submitDrafts(deps: Deps): Promise<{ submitted: number }> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>('select tenant_id from app.tenants_with_drafts($1)', [
    TENANTS,
  ]);
  const endAt = performance.now() + ROUND_MS;
  let submitted = 0;
  for (const { tenant_id } of rows) {
    if (performance.now() > endAt) break;
    try {
      submitted += await submitTemplates(scopeOf(deps, tenant_id, { type: 'system', id: 'reconciler' }));
    } catch (error) {
      // One tenant's trouble keeps no other from it.
      deps.log.error({ err: error, tenant_id }, 'the drafts of a tenant could not be submitted');
    }
  }
  return { submitted };
}
