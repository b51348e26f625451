import { z } from 'zod';
import type { Random } from './random.ts';

const distribution = z
  .strictObject({ p50: z.number().positive().max(3_600_000), p99: z.number().positive().max(3_600_000) })
  .refine(({ p50, p99 }) => p99 >= p50, 'p99 must not be below p50');
const rate = z.number().min(0).max(1);

/**
 * How Meta behaves beyond fixed delays, in milliseconds: `answer_ms` to the HTTP answer, `sent_ms` from the acceptance,
 * `delivered_ms` from sent, `read_ms` from delivered.
 */
export const behaviourInput = z.strictObject({
  answer_ms: distribution.optional(),
  sent_ms: distribution.optional(),
  delivered_ms: distribution.optional(),
  read_ms: distribution.optional(),
  /** Of the messages to phones that read at all. */
  read_rate: rate.optional(),
  /** Of the messages, as undeliverable. */
  failure_rate: rate.optional(),
  /** The same seed, and the same sends one after the other, bring the same chances. */
  seed: z.int().min(0).max(0xffff_ffff).optional(),
});

export type Behaviour = z.infer<typeof behaviourInput>;
export type Distribution = z.infer<typeof distribution>;

/** Where the 99th percentile of a normal distribution lies, in standard deviations. */
const z99 = 2.3263;

/** A log-normal duration, as latencies are: half of them below `p50`, one in a hundred above `p99`. */
export const drawDuration = ({ p50, p99 }: Distribution, random: Random): number =>
  Math.round(p50 * (p99 / p50) ** (normal(random) / z99));

/** Box–Muller. */
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
