import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import { createWhatsApp } from './adapters/whatsapp/client.ts';
import { judgeError } from './adapters/whatsapp/errors.ts';
import { readWebhook } from './adapters/whatsapp/webhook.ts';
import { createWhatsAppManagement } from './adapters/whatsapp/management.ts';
import type { Config } from './config.ts';
import type { Deps } from './context.ts';
import { createOrm, nativePool } from './database.ts';
import { createOtpCodes } from './domain/otp-code.ts';
import { createLog } from './log.ts';
import { createAccessTokens } from './security/access-token.ts';
import { createProofKeys } from './security/proof-keys.ts';
import { createKeyRing } from './security/key-ring.ts';
import { createQuotas } from './services/quota.ts';
import { startLeftovers } from './services/webhooks/leftovers.ts';
import { createWebhooks } from './services/webhooks/webhooks.ts';
import { prepareDatabase } from './startup.ts';
import { createBacklog } from './temporal/backlog.ts';
import { Dispatcher } from './temporal/dispatcher.ts';
import { clientLink, workerLink, type TemporalLink } from './temporal/link.ts';
import { OtpGate } from './temporal/otp-gate.ts';
import { StartGate } from './temporal/start-gate.ts';
import { startRelay } from './temporal/relay.ts';
import { ensureReconciler } from './temporal/schedules.ts';
import { installRuntime, startWorkers, type Queue, type RunningWorkers } from './temporal/workers.ts';

export type Container = Deps & { temporal: TemporalLink; close(): Promise<void> };

/**
 * Builds the parts of one process and ties them together. With `queues` it also runs their workers, and with all of
 * them the relay; `onFailure` hears of a worker that ended by itself, after which the process is of no use.
 */
export async function createContainer(
  config: Config,
  queues: readonly Queue[],
  onFailure: (error: unknown) => void,
): Promise<Container> {
  const log = createLog(config);
  const orm = await createOrm(config);
  const pool = await nativePool(orm, config.database);
  // Before anything works on it: a worker or relay on the wrong schema, or past row security, does harm.
  await prepareDatabase({ config, pool, log });
  const gate = new OtpGate(config.otp.inFlight);
  const whatsapp = createWhatsApp();
  // Two of its calls, one after the other, fit into the time that a request may take.
  const whatsappManagement = createWhatsAppManagement({ timeoutMs: 6_000 });
  let workers: RunningWorkers | undefined;

  installRuntime(log);
  const temporal =
    queues.length === 0
      ? clientLink(config)
      : workerLink(config, log, async (connection: NativeConnection) => {
          // What follows may fail and be tried again; the workers run by then.
          workers ??= await startWorkers(connection, { config, log, activities, queues }, onFailure);
          if (queues.includes('flows')) await ensureReconciler(connection, config);
          return workers.queues;
        });

  const starts = new StartGate({ max: config.flows.inFlight, pool, log });
  const dispatcher = new Dispatcher({ pool, temporal, gate, starts, log });
  const deps: Deps = {
    config,
    log,
    orm,
    pool,
    keyRing: createKeyRing(config.security.encryptionKeys),
    proofKeys: createProofKeys(config.security.proofKeys),
    accessTokens: createAccessTokens(config.security.jwtSecret),
    otpCodes: createOtpCodes(config.otp.peppers),
    dispatcher,
    quotas: createQuotas(pool),
    backlog: createBacklog(pool, temporal, gate),
    whatsapp,
    whatsappManagement,
    webhooks: createWebhooks({ read: readWebhook, judge: judgeError }, log),
  };
  const activities = createActivities({ ...deps, gate, starts, temporal });
  const relay = queues.length > 0 ? startRelay({ pool, dispatcher, starts, temporal, log }) : undefined;
  const leftovers = queues.length > 0 ? startLeftovers(deps) : undefined;

  return {
    ...deps,
    temporal,
    async close() {
      await leftovers?.stop();
      await deps.webhooks.applier.stop();
      await relay?.stop();
      starts.stop();
      await workers?.stop();
      await dispatcher.flush();
      await temporal.close();
      await whatsapp.close();
      await whatsappManagement.close();
      await orm.close();
    },
  };
}
