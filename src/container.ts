import type { NativeConnection } from '@temporalio/worker';
import type { Pool } from 'pg';
import { createActivities } from './activities/index.ts';
import { createMailer } from './adapters/email/client.ts';
import { createStripe } from './adapters/stripe/client.ts';
import { createWhatsApp } from './adapters/whatsapp/client.ts';
import { judgeError } from './adapters/whatsapp/errors.ts';
import { readWebhook } from './adapters/whatsapp/webhook.ts';
import { createWhatsAppManagement } from './adapters/whatsapp/management.ts';
import type { Config } from './config.ts';
import type { Deps } from './context.ts';
import { carryTraces, createOrm, nativePool } from './database.ts';
import { createOtpCodes } from './domain/otp-code.ts';
import { createLog } from './log.ts';
import type { Readings } from './observability/metrics.ts';
import { createObservability } from './observability/observability.ts';
import { observedMailer } from './observability/observed-mailer.ts';
import { observedWhatsApp } from './observability/observed-whatsapp.ts';
import { createAccessTokens } from './security/access-token.ts';
import { createProofKeys } from './security/proof-keys.ts';
import { createKeyRing } from './security/key-ring.ts';
import { createRefreshTokens } from './security/refresh-token.ts';
import { lateness } from './services/lateness.ts';
import { operatingFigures } from './services/operating-figures.ts';
import { createClientHours } from './services/otp/client-hours.ts';
import { createQuotas } from './services/quota.ts';
import { startLeftovers } from './services/webhooks/leftovers.ts';
import { createWebhooks } from './services/webhooks/webhooks.ts';
import { stopInOrder } from './ordered-stop.ts';
import { prepareDatabase } from './startup.ts';
import { createBacklog } from './temporal/backlog.ts';
import { Dispatcher } from './temporal/dispatcher.ts';
import { createLastRuns } from './temporal/last-runs.ts';
import { clientLink, workerLink, type TemporalLink } from './temporal/link.ts';
import { OtpGate } from './temporal/otp-gate.ts';
import { StartGate } from './temporal/start-gate.ts';
import { startRelay } from './temporal/relay.ts';
import { ensureSchedules } from './temporal/schedules.ts';
import { clientTraces } from './temporal/trace-headers.ts';
import { installRuntime, startWorkers, type Queue, type RunningWorkers } from './temporal/workers.ts';

export type Container = Deps & {
  temporal: TemporalLink;
  /** What this process runs beside answering requests, by name, and whether it does its work now. */
  parts: Record<string, () => boolean>;
  /** Stops everything in order. Takes a bounded time, whatever is away, and does not fail. */
  close(): Promise<void>;
};

/**
 * Builds the parts of one process and ties them together. With any of the `queues` it also runs their workers, the relay,
 * and what other processes left of webhooks; `onFailure` hears of a worker that ended by itself, after which the process
 * is of no use.
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
  const observability = await createObservability(
    config,
    readings(pool, () => temporal),
    log,
  );
  const { tracing, metrics, reports } = observability;
  if (tracing.on) carryTraces({ orm, pool }, () => tracing.current());
  const whatsapp = observedWhatsApp(createWhatsApp(), observability);
  // Two of its calls, one after the other, fit into the time that a request may take.
  const whatsappManagement = createWhatsAppManagement({ timeoutMs: 6_000 });
  const stripe = createStripe(config.stripe.url);
  const mailer = observedMailer(createMailer(), observability);
  let workers: RunningWorkers | undefined;

  installRuntime(log, config.observability.temporalMetricsAddress);
  const interceptors = tracing.on ? { workflow: [clientTraces(tracing)] } : {};
  const temporal = queues.length === 0 ? clientLink(config, interceptors) : workerLink(config, log, run, interceptors);

  /** May fail after the workers run, and is tried again then. */
  async function run(connection: NativeConnection, polling: (queues: readonly string[]) => void): Promise<void> {
    workers ??= await startWorkers(connection, { config, log, tracing, activities, queues }, onFailure);
    polling(workers.queues);
    // A schedule of each minute would run for every minute that is skipped.
    if (queues.includes('flows') && !config.skippedTime) await ensureSchedules(connection, config);
  }

  const starts = new StartGate({ kind: 'message', max: config.flows.inFlight, pool, log });
  // A place here comes free up to a quarter of a second late, when the row is asked for.
  const elsewhere = new StartGate({ kind: 'otp', max: 4 * config.otp.inFlight, pool, log });
  const dispatcher = new Dispatcher({ pool, temporal, gate, starts, elsewhere, tracing, log });
  const deps: Deps = {
    config,
    log,
    orm,
    pool,
    keyRing: createKeyRing(config.security.encryptionKeys),
    proofKeys: createProofKeys(config.security.proofKeys),
    accessTokens: createAccessTokens(config.security.jwtSecret),
    refreshTokens: createRefreshTokens(config.security.jwtSecret),
    otpCodes: createOtpCodes(config.otp.peppers),
    dispatcher,
    quotas: createQuotas(pool),
    backlog: createBacklog(pool, temporal, gate),
    whatsapp,
    whatsappManagement,
    stripe,
    mailer,
    clientHours: createClientHours(pool),
    webhooks: createWebhooks({ read: readWebhook, judge: judgeError }, log),
    ...observability,
  };
  const activities = createActivities({ ...deps, gate, starts, temporal });
  const relay =
    queues.length > 0 ? startRelay({ pool, dispatcher, starts, temporal, tracing, metrics, log }) : undefined;
  const leftovers = queues.length > 0 ? startLeftovers(deps) : undefined;

  return {
    ...deps,
    temporal,
    parts: relay ? { relay: () => relay.goesOn(), workers: () => workers?.run() ?? false } : {},
    async close() {
      for (const cap of [starts, elsewhere]) cap.stop();
      await stopInOrder(log, [
        ['intake', 6_000, () => Promise.all([leftovers?.stop(), deps.webhooks.applier.stop(), relay?.stop()])],
        ['workers', 16_000, () => workers?.stop()],
        ['outbox', 2_000, () => dispatcher.flush()],
        ['temporal', 1_000, () => temporal.close()],
        ['whatsapp', 500, () => Promise.all([whatsapp.close(), whatsappManagement.close()])],
        ['stripe', 500, () => stripe.close()],
        ['mail', 500, () => mailer.close()],
        ['postgres', 1_000, () => orm.close()],
        ['observability', 2_500, () => Promise.all([tracing.close(), reports.close()])],
      ]);
    },
  };
}

/** What is read when somebody looks at the metrics. */
const readings = (pool: Pool, temporal: () => TemporalLink): Readings => ({
  temporalAnswers: () => temporal().check(),
  lastRuns: createLastRuns(temporal),
  async figures() {
    const [figures, late] = await Promise.all([operatingFigures({ pool }), lateness({ pool })]);
    return { ...figures, lateness: late };
  },
});
