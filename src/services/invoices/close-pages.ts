import { logOf, reader, runStatement, type Deps, type Scope } from '../../context.ts';
import { Connection } from '../../entities/connection.ts';
import { noteRefusal } from '../connections/refused.ts';
import { openSecret } from '../connections/secrets.ts';
import { scopeOf } from '../scope.ts';

const PAGES = 50;
const TENANTS = 100;
/** Well below what the activity may take: what is left is the next round's. */
const ROUND_MS = 60_000;

type Page = { id: string; url: string; connection_id: string };

/** Has the provider close the pages of a tenant at which nobody is to pay any more. Answers how many it has closed. */
export async function closePages(scope: Scope): Promise<number> {
  const pages = await reader(scope).execute<Page[]>(
    `select p.id, p.url, p.connection_id from app.payment_pages p
     join app.connections c on c.id = p.connection_id and c.status = 'active' and c.deleted_at is null
     where p.ended_at is not null and p.closed_at is null and p.expires_at > clock_timestamp() order by p.id limit ?`,
    [PAGES],
  );
  let closed = 0;
  for (const page of pages) {
    const became = await close(scope, page);
    // Each of the others would wait as long for nothing.
    if (became === 'away') break;
    if (became === 'open') continue;
    closed += 1;
    const text = 'update app.payment_pages set closed_at = clock_timestamp() where id = $1';
    await runStatement(scope, { text, values: [page.id] });
  }
  return closed;
}

/** The same for every tenant: what its requests have left. */
export async function closeEndedPages(deps: Deps): Promise<{ closed: number }> {
  const { rows } = await deps.pool.query<{ tenant_id: number }>(
    'select tenant_id from app.tenants_with_pages_to_close($1)',
    [TENANTS],
  );
  const endAt = performance.now() + ROUND_MS;
  let closed = 0;
  for (const { tenant_id } of rows) {
    if (performance.now() > endAt) break;
    try {
      closed += await closePages(scopeOf(deps, tenant_id, { type: 'system', id: 'reconciler' }));
    } catch (error) {
      // One tenant's trouble keeps no other from it.
      deps.log.error({ err: error, tenant_id }, 'the pages of a tenant could not be closed');
    }
  }
  return { closed };
}

/** What became of a page. One that somebody has just gone through is refused, and closed by that. */
async function close(scope: Scope, { url, connection_id: connectionId }: Page): Promise<'closed' | 'open' | 'away'> {
  const { deps, tenantId } = scope;
  const active = { id: connectionId, status: 'active', deletedAt: null } as const;
  const connection = await reader(scope).findOne(Connection, active);
  if (!connection?.credentials) return 'open';
  const { access_token } = openSecret(deps, { tenantId, connectionId }, 'credentials', connection.credentials);
  const answer = await deps.stripe.expireCheckout(access_token, url);
  if (answer.ok) return 'closed';
  logOf(scope).info({ reason: answer.reason, detail: answer.detail }, 'a checkout was not ended');
  if (answer.reason === 'unauthorised') await noteRefusal(scope, connectionId);
  if (answer.reason === 'away') return 'away';
  return answer.reason === 'refused' ? 'closed' : 'open';
}
