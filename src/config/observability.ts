import { z } from 'zod';

/** All of them are optional: what is not set is not loaded either. */
export const observabilitySettings = {
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  TEMPORAL_METRICS_ADDRESS: z
    .string()
    .regex(/^.+:\d{1,5}$/, 'must be host:port')
    .optional(),
  // The names are OpenTelemetry's own.
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  SENTRY_DSN: z.url({ protocol: /^https?$/ }).optional(),
};

export function observability(settings: z.infer<z.ZodObject<typeof observabilitySettings>>) {
  const { METRICS_PORT, OTEL_EXPORTER_OTLP_ENDPOINT, SENTRY_DSN } = settings;
  return {
    metrics: METRICS_PORT === undefined ? undefined : { host: settings.METRICS_HOST, port: METRICS_PORT },
    temporalMetricsAddress: settings.TEMPORAL_METRICS_ADDRESS,
    traces:
      OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { endpoint: OTEL_EXPORTER_OTLP_ENDPOINT, ratio: settings.OTEL_TRACES_SAMPLER_ARG },
    sentryDsn: SENTRY_DSN,
  };
}
