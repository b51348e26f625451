import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics, Readings } from './metrics.ts';
import { createReadingGauges } from './reading-gauges.ts';

/** Seconds, around what is promised of each: answers in tens of milliseconds, provider calls in hundreds, at most 4 s. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const callBuckets = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4];
const otpBuckets = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 60];

const contentTypes = ['authentication', 'template', 'text', 'buttons', 'list', 'document', 'image', 'email'];
const verdicts = ['accepted', 'retry', 'retry_after', 'never', 'reauthorise', 'pause_number', 'not_sent', 'ambiguous'];

/** One registry for the process. Labels hold route templates and words from fixed lists, never an id. */
export function createPrometheus(readings: Readings): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'carillon_http_requests_total',
    help: 'Requests answered, by route template and status',
    labelNames: ['route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'carillon_http_request_seconds',
    help: 'From the first look at a request to its answer, by route template',
    labelNames: ['route'],
    buckets: requestBuckets,
    registers,
  });
  const webhooks = new Counter({
    name: 'carillon_webhooks_total',
    help: 'Webhooks of a provider: received, or refused for their signature',
    labelNames: ['provider', 'result'],
    registers,
  });
  const sends = new Counter({
    name: 'carillon_sends_total',
    help: 'Calls to the provider, by content and what came of them',
    labelNames: ['kind', 'verdict'],
    registers,
  });
  const callSeconds = new Histogram({
    name: 'carillon_provider_call_seconds',
    help: 'How long a call to the provider took, whatever came of it',
    buckets: callBuckets,
    registers,
  });
  const otpSeconds = new Histogram({
    name: 'carillon_otp_sent_seconds',
    help: 'From the request for a passcode to the acceptance of its message by the provider',
    buckets: otpBuckets,
    registers,
  });
  const errors = new Counter({
    name: 'carillon_unexpected_errors_total',
    help: 'Errors that nobody foresaw, by where they came up',
    labelNames: ['where'],
    registers,
  });
  const read = createReadingGauges(registers, readings);

  // A series that begins with its first event hides that event from `increase`.
  for (const provider of ['whatsapp', 'stripe'])
    for (const result of ['received', 'refused']) webhooks.inc({ provider, result }, 0);
  for (const where of ['api', 'activity', 'process']) errors.inc({ where }, 0);
  for (const kind of contentTypes) for (const verdict of verdicts) sends.inc({ kind, verdict }, 0);

  let roundAt: number | undefined;
  const roundAge = new Gauge({
    name: 'carillon_relay_round_age_seconds',
    help: 'Since this process last read the outbox; absent where no relay has run',
    registers,
    collect() {
      if (roundAt !== undefined) this.set((performance.now() - roundAt) / 1_000);
    },
  });
  roundAge.remove();

  return {
    on: true,
    request(route, status, seconds) {
      requests.inc({ route, status });
      requestSeconds.observe({ route }, seconds);
    },
    webhook: (provider, result) => webhooks.inc({ provider, result }),
    providerCall({ kind, verdict, seconds, sinceAskedSeconds }) {
      sends.inc({ kind, verdict });
      callSeconds.observe(seconds);
      if (sinceAskedSeconds !== undefined) otpSeconds.observe(sinceAskedSeconds);
    },
    relayRound: () => void (roundAt = performance.now()),
    unexpectedError: (where) => errors.inc({ where }),
    async text() {
      await read();
      return registry.metrics();
    },
  };
}
