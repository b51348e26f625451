import { reader, type Deps } from '../../../context.ts';
import { Connection } from '../../../entities/connection.ts';
import { AppError } from '../../../errors.ts';
import { scopeOf } from '../../scope.ts';
import { noteRefusal } from '../refused.ts';
import { openSecret } from '../secrets.ts';
import { receiveEvent } from './receive.ts';

const BATCH = 10;
/** For so long Stripe itself repeats what did not arrive. What is known by then changes nothing. */
const LOOK_BACK_MS = 3 * 24 * 60 * 60 * 1000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** `next` is where the next batch begins, or null after the last; `missed` counts events that had not arrived. */
export type ReconciledPayments = { next: string | null; missed: number; failed: number };

/**
 * Asks Stripe for what it has reported about payments and takes in what did not arrive, for some connections: those
 * without an access token have webhooks alone. One that cannot be asked is counted and left for the next night.
 */
export async function reconcilePayments(deps: Deps, after: string | null): Promise<ReconciledPayments> {
  const { rows } = await deps.pool.query<{ tenant_id: number; id: string }>(
    'select * from app.living_connections($1, $2, $3)',
    ['stripe', after ?? FIRST, BATCH],
  );
  const result: ReconciledPayments = {
    next: rows.length === BATCH ? (rows.at(-1)?.id ?? null) : null,
    missed: 0,
    failed: 0,
  };
  for (const { tenant_id, id } of rows) {
    try {
      const { missed, complete } = await takeMissed(deps, tenant_id, id);
      result.missed += missed;
      if (!complete) result.failed += 1;
    } catch (error) {
      // One tenant's trouble, a token that no key opens say, keeps no other's money from being booked.
      deps.log.error({ err: error, tenant_id, connection_id: id }, 'a connection could not be reconciled');
      result.failed += 1;
    }
  }
  return result;
}

/** `complete`: Stripe could be asked about all of it. */
type Taken = { missed: number; complete: boolean };

async function takeMissed(deps: Deps, tenantId: number, id: string): Promise<Taken> {
  const scope = scopeOf(deps, tenantId, { type: 'system', id: 'reconcile-payments' });
  const connection = await reader(scope).findOne(Connection, { id, status: 'active', deletedAt: null });
  if (!connection?.credentials) return { missed: 0, complete: true };
  const place = { tenantId, connectionId: id };
  const { access_token } = openSecret(deps, place, 'credentials', connection.credentials);
  const source = { scope, id, accountId: connection.accountId ?? null };
  const since = new Date(Date.now() - LOOK_BACK_MS);
  let missed = 0;
  let complete = true;
  let before: string | null = null;
  do {
    const answer = await deps.stripe.events(access_token, since, before);
    if (!answer.ok) {
      deps.log.warn({ tenant_id: tenantId, connection_id: id, reason: answer.reason }, 'Stripe could not be asked');
      if (answer.reason === 'unauthorised' || answer.reason === 'forbidden') await noteRefusal(scope, id);
      complete = false;
      break;
    }
    for (const { event, raw } of answer.value.events) {
      try {
        if ((await receiveEvent(source, event, raw)) !== undefined) missed += 1;
      } catch (error) {
        // Stripe has to be asked about it, and is away: the others do not wait for that.
        if (!(error instanceof AppError) || error.code !== 'provider_unavailable') throw error;
        complete = false;
      }
    }
    before = answer.value.before;
  } while (before !== null);
  if (missed > 0) deps.log.warn({ tenant_id: tenantId, connection_id: id, missed }, 'events of Stripe had not arrived');
  return { missed, complete };
}
