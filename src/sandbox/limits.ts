import { z } from 'zod';

/** What Meta allows one number, and whether the sandbox insists on it. */
export type Limits = {
  throughput_per_second: number;
  /** One message in 6 s to one phone, with a burst of 45. */
  pair: boolean;
  /** Phones that are written to outside of their service windows in 24 hours. */
  tier: number | 'unlimited';
  /** Free-form messages only in the 24 hours after the person wrote. */
  service_window: boolean;
};

export const metaLimits: Limits = { throughput_per_second: 80, pair: true, tier: 'unlimited', service_window: true };

const tier = z.union([z.literal(250), z.literal(2000), z.literal(10_000), z.literal(100_000), z.literal('unlimited')]);

const throughput = z.int().min(1).max(1000);

export const limitsInput = z.strictObject({
  throughput_per_second: throughput.optional(),
  pair: z.boolean().optional(),
  tier: tier.optional(),
  service_window: z.boolean().optional(),
});

const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional();
const environment = z.object({
  SANDBOX_THROUGHPUT_PER_SECOND: z.coerce.number().pipe(throughput).optional(),
  SANDBOX_PAIR_LIMIT: flag,
  SANDBOX_TIER: z
    .string()
    .transform((text) => (text === 'unlimited' ? text : Number(text)))
    .pipe(tier)
    .optional(),
  SANDBOX_SERVICE_WINDOW: flag,
});

/** The limits of a number for which none were set. */
export const limitsFromEnvironment = environment.transform((e): Limits => ({
  throughput_per_second: e.SANDBOX_THROUGHPUT_PER_SECOND ?? metaLimits.throughput_per_second,
  pair: e.SANDBOX_PAIR_LIMIT ?? metaLimits.pair,
  tier: e.SANDBOX_TIER ?? metaLimits.tier,
  service_window: e.SANDBOX_SERVICE_WINDOW ?? metaLimits.service_window,
}));
