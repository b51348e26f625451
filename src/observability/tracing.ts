/** Ids and words from fixed lists: whoever may read traces may not learn of anybody's number, text or code. */
export type Attributes = Record<string, string | number | boolean | undefined>;

export type Span = {
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Marks it as failed, with a word. */
  fail(word: string): void;
};

export type SpanOptions = {
  kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** The `traceparent` of what caused it; null when nothing did. Absent it is the span that runs. */
  parent?: string | null | undefined;
  attributes?: Attributes;
};

export type Tracing = {
  /** False in a process that takes no traces: what costs something only for them may then be left out. */
  readonly on: boolean;
  /** Runs `work` in a span. An error goes on to the caller; the span keeps its name and not its message. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** The W3C `traceparent` of the span that runs. */
  current(): string | undefined;
  /** Runs what belongs to many requests outside of the one that happened to begin it. */
  detached<T>(work: () => T): T;
  close(): Promise<void>;
};

const nowhere: Span = { rename: () => undefined, set: () => undefined, fail: () => undefined };

export const noTracing: Tracing = {
  on: false,
  span: (_name, _options, work) => work(nowhere),
  current: () => undefined,
  detached: (work) => work(),
  close: () => Promise.resolve(),
};

/** Version, trace, span, flags; the whole of it, so that it may stand in a statement or a header as it is. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

export function readTraceparent(text: string | undefined | null) {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}
