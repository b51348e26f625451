import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { mask, type Logger } from '../log.ts';
import { readTraceparent, type Attributes, type Span, type SpanOptions, type Tracing } from './tracing.ts';

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Sends spans to an OTLP/HTTP collector, in the background. `ratio` of all traces are taken; it is decided by the trace's
 * id, so every process decides alike, and a caller can ask not to be traced but not to be.
 */
export function createOtlpTracing({ endpoint, ratio }: { endpoint: string; ratio: number }, log: Logger): Tracing {
  const warn = (message: string): void => log.warn({ from: 'opentelemetry' }, mask(message));
  const silent = (): void => undefined;
  diag.setLogger({ error: warn, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const sampler = new TraceIdRatioBasedSampler(ratio);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'carillon',
      'service.instance.id': `${hostname()}/${process.pid}`,
    }),
    sampler: new ParentBasedSampler({ root: sampler, remoteParentSampled: sampler }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer('carillon');
  const running = new AsyncLocalStorage<OtelSpan>();

  const contextOf = (parent: SpanOptions['parent']): Context => {
    if (parent === undefined) {
      const current = running.getStore();
      return current ? trace.setSpan(ROOT_CONTEXT, current) : ROOT_CONTEXT;
    }
    const remote = readTraceparent(parent);
    return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
  };

  return {
    on: true,
    async span(name, { kind, parent, attributes }, work) {
      const options = { kind: kind ? kinds[kind] : SpanKind.INTERNAL, attributes: known(attributes) };
      const span = tracer.startSpan(name, options, contextOf(parent));
      try {
        return await running.run(span, () => work(wrap(span)));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : typeof error });
        throw error;
      } finally {
        span.end();
      }
    },
    current() {
      const context = running.getStore()?.spanContext();
      if (!context) return undefined;
      return `00-${context.traceId}-${context.spanId}-${(context.traceFlags & 1).toString(16).padStart(2, '0')}`;
    },
    detached: (work) => running.exit(work),
    close: () => provider.shutdown().catch(() => undefined),
  };
}

const wrap = (span: OtelSpan): Span => ({
  rename: (name) => void span.updateName(name),
  set: (attributes) => void span.setAttributes(known(attributes)),
  fail: (word) => void span.setStatus({ code: SpanStatusCode.ERROR, message: word }),
});

const known = (attributes: Attributes = {}): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined),
  );
