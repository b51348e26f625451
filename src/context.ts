import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Config } from './config.ts';
import { asPositional, runForTenant, tenantEm, type Orm, type Statement } from './database.ts';
import type { OtpCodes } from './domain/otp-code.ts';
import type { Logger } from './log.ts';
import type { AccessTokens } from './security/access-token.ts';
import type { Mailer } from './adapters/email/types.ts';
import type { StripeApi } from './adapters/stripe/types.ts';
import type { WhatsApp, WhatsAppManagement } from './adapters/whatsapp/types.ts';
import type { Observability } from './observability/observability.ts';
import type { KeyRing } from './security/key-ring.ts';
import type { ProofKeys } from './security/proof-keys.ts';
import type { RefreshTokens } from './security/refresh-token.ts';
import type { ClientHours } from './services/otp/client-hours.ts';
import type { Quotas } from './services/quota.ts';
import type { Webhooks } from './services/webhooks/webhooks.ts';
import type { Backlog } from './temporal/backlog.ts';
import type { Dispatcher, OutboxEntry } from './temporal/dispatcher.ts';

/** Who acts. Every written row that matters can name one. */
export type Actor =
  | { type: 'user'; id: string }
  | { type: 'api_key'; id: string }
  | { type: 'webhook'; id: string }
  | { type: 'flow'; id: string }
  | { type: 'system'; id: string };

/** What verbs may use of the process they run in. */
export type Deps = {
  config: Config;
  log: Logger;
  orm: Orm;
  pool: Pool;
  keyRing: KeyRing;
  proofKeys: ProofKeys;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  otpCodes: OtpCodes;
  dispatcher: Dispatcher;
  quotas: Quotas;
  clientHours: ClientHours;
  backlog: Backlog;
  whatsapp: WhatsApp;
  webhooks: Webhooks;
  whatsappManagement: WhatsAppManagement;
  stripe: StripeApi;
  mailer: Mailer;
} & Observability;

/** On whose behalf, for which tenant: what a verb is called with. */
export type Scope = {
  deps: Deps;
  tenantId: number;
  actor: Actor;
  requestId?: string | undefined;
  /** A transaction that is open already: what is done in this scope is part of it, and counts when it commits. */
  within?: Within | undefined;
};

/** `pending` and `after` wait for the commit: what Temporal is told, and what else follows. */
export type Within = { em: EntityManager; pending: OutboxEntry[]; after: (() => void)[] };

/** The log of what happens in a scope. Made when there is something to say: most requests say nothing. */
export const logOf = ({ deps, tenantId, requestId }: Scope): Logger =>
  deps.log.child({ tenant_id: tenantId, request_id: requestId });

/** A scope inside one transaction. `pending` is what Temporal is told once it has committed, `following` what is done. */
export type Ctx = Scope & { em: EntityManager; pending: OutboxEntry[]; following: (() => void)[] };

/**
 * Runs one short transaction, bound to the scope's tenant, on an entity manager that is used for nothing else.
 * After the commit the outbox rows that it wrote are offered to Temporal, without making the caller wait.
 */
export async function unitOfWork<T>(scope: Scope, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  const { within } = scope;
  const pending: OutboxEntry[] = [];
  const following: (() => void)[] = [];
  const em = within?.em ?? tenantEm(scope.deps.orm, scope.tenantId);
  const result = await em.transactional((inner) => work({ ...scope, em: inner, pending, following }));
  if (within) {
    within.pending.push(...pending);
    within.after.push(...following);
  } else {
    scope.deps.dispatcher.submit(pending);
    for (const follow of following) follow();
  }
  return result;
}

/** The scope, with its work in a transaction that was begun before its tenant was known. From now on it is this tenant's. */
export async function joined(scope: Scope, within: Within | undefined): Promise<Scope> {
  if (!within) return scope;
  await within.em.execute(`select set_config('app.tenant_id', ?, true)`, [String(scope.tenantId)]);
  return { ...scope, within };
}

/** The tenant's rows for reading, without a transaction of one's own. */
export const reader = ({ deps, tenantId, within }: Scope): EntityManager =>
  within?.em.fork({ clear: true, keepTransactionContext: true }) ?? tenantEm(deps.orm, tenantId);

/** One statement in a transaction of its own, in one flight; or in the one that is open already. */
export const runStatement = <Row extends object>(scope: Scope, statement: Statement): Promise<Row[]> =>
  scope.within
    ? scope.within.em.execute<Row[]>(...asPositional(statement))
    : runForTenant<Row>(scope.deps.pool, scope.tenantId, statement);

/** Does what has to follow the commit, outside any transaction and without making anybody wait. */
export function afterCommit(caller: Scope | Ctx, follow: (scope: Scope) => void): void {
  const { deps, tenantId, actor, requestId, within } = caller;
  const outside = { deps, tenantId, actor, requestId };
  const later = 'following' in caller ? caller.following : within?.after;
  if (later) later.push(() => follow(outside));
  else follow(outside);
}
