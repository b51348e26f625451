import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Config } from './config.ts';
import { tenantEm, type Orm } from './database.ts';
import type { OtpCodes } from './domain/otp-code.ts';
import type { Logger } from './log.ts';
import type { AccessTokens } from './security/access-token.ts';
import type { StripeApi } from './adapters/stripe/types.ts';
import type { WhatsApp, WhatsAppManagement } from './adapters/whatsapp/types.ts';
import type { Observability } from './observability/observability.ts';
import type { KeyRing } from './security/key-ring.ts';
import type { ProofKeys } from './security/proof-keys.ts';
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
  otpCodes: OtpCodes;
  dispatcher: Dispatcher;
  quotas: Quotas;
  clientHours: ClientHours;
  backlog: Backlog;
  whatsapp: WhatsApp;
  webhooks: Webhooks;
  whatsappManagement: WhatsAppManagement;
  stripe: StripeApi;
} & Observability;

/** On whose behalf, for which tenant: what a verb is called with. */
export type Scope = { deps: Deps; tenantId: number; actor: Actor; requestId?: string | undefined };

/** The log of what happens in a scope. Made when there is something to say: most requests say nothing. */
export const logOf = ({ deps, tenantId, requestId }: Scope): Logger =>
  deps.log.child({ tenant_id: tenantId, request_id: requestId });

/** A scope inside one transaction. `pending` is what Temporal is told once it has committed. */
export type Ctx = Scope & { em: EntityManager; pending: OutboxEntry[] };

/**
 * Runs one short transaction, bound to the scope's tenant, on an entity manager that is used for nothing else.
 * After the commit the outbox rows that it wrote are offered to Temporal, without making the caller wait.
 */
export async function unitOfWork<T>(scope: Scope, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  const pending: OutboxEntry[] = [];
  const result = await tenantEm(scope.deps.orm, scope.tenantId).transactional((em) => work({ ...scope, em, pending }));
  scope.deps.dispatcher.submit(pending);
  return result;
}

/** The tenant's rows for reading, without a transaction of one's own. */
export const reader = (scope: Scope): EntityManager => tenantEm(scope.deps.orm, scope.tenantId);
