import type { Random } from './random.ts';

/**
 * What an invoice of the load is like: whether it goes by mail as well, whether a second reminder is a month away, and
 * how long after the first one's time it is paid, or its flow cancelled, if either is. A client that is careful says so
 * twice.
 */
export type Bill = {
  mailed: boolean;
  far: boolean;
  dueInMs: number;
  ends: 'paid' | 'cancelled' | undefined;
  endsAfterMs: number;
  times: number;
};

export const anyBill = (random: Random): Bill => ({
  mailed: random.chance(0.5),
  far: random.chance(0.5),
  dueInMs: random.between(1_500, 5_000),
  // Around the moment in which the reminder is planned, claimed and sent.
  ends: random.chance(0.5) ? 'paid' : random.chance(0.4) ? 'cancelled' : undefined,
  endsAfterMs: random.between(-300, 1_500),
  times: random.chance(0.2) ? 2 : 1,
});
