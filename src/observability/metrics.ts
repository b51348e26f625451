import type { Lateness } from '../services/lateness.ts';
import type { OperatingFigures } from '../services/operating-figures.ts';
import type { LastRun } from '../temporal/last-runs.ts';

export type ProviderCall = {
  /** What was sent: `authentication` is a passcode, `email` a mail. */
  kind: string;
  verdict: string;
  seconds: number;
  /** From the request for a passcode to the provider's yes; absent for anything else. */
  sinceAskedSeconds?: number | undefined;
};

export type WebhookProvider = 'whatsapp' | 'stripe';

/** What is counted in a process as it happens. */
export type Metrics = {
  readonly on: boolean;
  request(route: string, status: number, seconds: number): void;
  webhook(provider: WebhookProvider, result: 'received' | 'refused'): void;
  providerCall(call: ProviderCall): void;
  relayRound(): void;
  unexpectedError(where: string): void;
  /** Prometheus' text format. */
  text(): Promise<string>;
};

/** What is read when somebody looks. */
export type Readings = {
  figures(): Promise<OperatingFigures & { lateness: Lateness }>;
  temporalAnswers(): Promise<boolean>;
  /** Of each schedule. Fails while Temporal is away. */
  lastRuns(): Promise<LastRun[]>;
};

const nothing = (): void => undefined;

export const noMetrics: Metrics = {
  on: false,
  request: nothing,
  webhook: nothing,
  providerCall: nothing,
  relayRound: nothing,
  unexpectedError: nothing,
  text: () => Promise.resolve(''),
};
