import type { Pool } from 'pg';
import type { TemporalLink } from './link.ts';
import type { OtpGate } from './otp-gate.ts';

const SAMPLE_MS = 500;

export type Backlog = {
  /** Seconds by which passcodes are late because there is more to start than can be started. */
  lateSeconds(): number;
};

/**
 * How far starts lag behind. Only time in which Temporal answers counts: while it is away the API goes on accepting,
 * since nothing is lost; once it is back and cannot keep up, new work is told so.
 */
export function createBacklog(pool: Pool, temporal: TemporalLink, gate: OtpGate): Backlog {
  let oldestMs = 0;
  let answeringSince: number | undefined;
  let sampledAt = -Infinity;
  let sampling = false;

  const sample = async (): Promise<void> => {
    sampling = true;
    try {
      const [answers, { rows }] = await Promise.all([
        temporal.check(),
        pool.query<{ oldest_ms: number }>('select app.outbox_backlog() as oldest_ms'),
      ]);
      oldestMs = rows[0]?.oldest_ms ?? 0;
      answeringSince = answers ? (answeringSince ?? performance.now()) : undefined;
    } catch {
      // Postgres is away: the request that asks will learn it by itself.
      oldestMs = 0;
    } finally {
      sampledAt = performance.now();
      sampling = false;
    }
  };

  const refresh = (): void => {
    const ageMs = performance.now() - sampledAt;
    if (sampling || ageMs <= SAMPLE_MS) return;
    // Nobody has asked for a while: what was seen then says nothing about now.
    if (ageMs > 2 * SAMPLE_MS) oldestMs = 0;
    void sample();
  };

  return {
    lateSeconds() {
      refresh();
      if (answeringSince === undefined) return 0;
      // What waits here says sooner, and for the one who asks, what the oldest row says of those before.
      return Math.min(Math.max(oldestMs, gate.expectedWaitMs()), performance.now() - answeringSince) / 1000;
    },
  };
}
