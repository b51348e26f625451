import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { noMetrics, type Metrics, type Readings } from './metrics.ts';
import { noReports, type Reports } from './reports.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** The three ways in which a process can be seen into from outside. */
export type Observability = { tracing: Tracing; metrics: Metrics; reports: Reports };

/** Loads what the settings ask for, and nothing else: a process that nobody looks into pays nothing for it. */
export async function createObservability(config: Config, readings: Readings, log: Logger): Promise<Observability> {
  const { traces, sentryDsn, metrics } = config.observability;
  const counted = metrics ? (await import('./prometheus.ts')).createPrometheus(readings) : noMetrics;
  return {
    tracing: traces ? (await import('./otlp-tracing.ts')).createOtlpTracing(traces, log) : noTracing,
    metrics: counted,
    reports: alsoCounted(
      sentryDsn
        ? (await import('./sentry.ts')).createSentry({ dsn: sentryDsn, environment: config.environment })
        : noReports,
      counted,
    ),
  };
}

const alsoCounted = (reports: Reports, metrics: Metrics): Reports => ({
  report(error, occasion) {
    metrics.unexpectedError(occasion.where);
    reports.report(error, occasion);
  },
  close: () => reports.close(),
});
