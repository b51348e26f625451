import { Gauge, type Registry } from 'prom-client';
import { flowKinds } from '../domain/flow.ts';
import type { PauseReason } from '../services/operating-figures.ts';
import type { Readings } from './metrics.ts';

const pauseReasons: PauseReason[] = ['reauthorise', 'provider', 'person'];

/** Scrapes of many processes, or of a curious person, cost Postgres no more than one look in so long. */
const KEEP_MS = 5_000;

/**
 * Gauges whose values are read when somebody looks; those of the database and of Temporal say the same in every process.
 * Answers what reads them, to be called before each look.
 */
export function createReadingGauges(
  registers: Registry[],
  { figures, temporalAnswers, lastRuns }: Readings,
): () => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `carillon_${name}`, help, labelNames, registers });
  const running = gauge('flows_running', 'Flows that run, by kind and stage', ['kind', 'stage']);
  const oldest = gauge('outbox_oldest_seconds', 'Age of the oldest row that Temporal was not told of', ['lane']);
  const outboxParked = gauge('outbox_parked', 'Rows of the outbox that were given up, of flows that have not ended');
  const unknown = gauge('sends_unknown', 'Sends of a day, older than 10 minutes, of which nobody knows', ['kind']);
  const late = gauge('flows_overdue_seconds', 'By how much the most overdue next action of a flow is late', ['kind']);
  const inbox = gauge('webhooks_oldest_seconds', 'Age of the oldest webhook that is not applied');
  const webhooksParked = gauge('webhooks_parked', 'Webhooks that were given up');
  const channels = gauge('channels_paused', 'Channels that do not send, by who has stopped them', ['reason']);
  const ages = gauge('schedule_age_seconds', 'Since a schedule was run to its end, or made if it never was', [
    'schedule',
  ]);
  const ready = gauge('ready', 'Whether this process reaches what it needs: 1 or 0', ['part']);

  const fill = async (): Promise<boolean> => {
    const seen = await figures().catch(() => undefined);
    for (const each of [running, oldest, unknown, late, channels]) each.reset();
    // What is not known must not look like what was known last.
    if (!seen) {
      for (const each of [outboxParked, inbox, webhooksParked]) each.remove();
      return false;
    }
    for (const { kind, stage, count } of seen.runningFlows) running.set({ kind, stage }, count);
    oldest.set({ lane: 'urgent' }, seen.outbox.oldestUrgentSeconds);
    oldest.set({ lane: 'bulk' }, seen.outbox.oldestBulkSeconds);
    outboxParked.set(seen.outbox.parked);
    for (const kind of ['otp', 'direct']) unknown.set({ kind }, 0);
    for (const { kind, count } of seen.unsettledMessages) unknown.set({ kind }, count);
    for (const kind of flowKinds) late.set({ kind }, 0);
    for (const { kind, seconds } of seen.lateness.flows) late.set({ kind }, seconds);
    inbox.set(seen.lateness.webhooks.oldestSeconds);
    webhooksParked.set(seen.lateness.webhooks.parked);
    for (const reason of pauseReasons) channels.set({ reason }, 0);
    for (const { reason, count } of seen.pausedChannels) channels.set({ reason }, count);
    return true;
  };

  const fillAges = async (): Promise<void> => {
    const runs = await lastRuns().catch(() => []);
    ages.reset();
    for (const { schedule, endedAt } of runs)
      ages.set({ schedule }, Math.max(0, (Date.now() - endedAt.getTime()) / 1_000));
  };

  const read = async (): Promise<void> => {
    const [postgres, temporal] = await Promise.all([fill(), temporalAnswers(), fillAges()]);
    ready.set({ part: 'postgres' }, postgres ? 1 : 0);
    ready.set({ part: 'temporal' }, temporal ? 1 : 0);
    readAt = performance.now();
  };

  let reading: Promise<void> | undefined;
  let readAt = -Infinity;
  return () => {
    if (performance.now() - readAt < KEEP_MS) return Promise.resolve();
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  };
}
