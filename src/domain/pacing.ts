/** A token bucket: one token each `everyMs`, and up to `burst` at once after a rest. */
export type Pace = { everyMs: number; burst: number };

/**
 * Meta's limits. A number sends 80 messages a second unless its channel says otherwise; one recipient gets a message
 * each 6 seconds, with 45 at once borrowed from the future.
 */
export const buckets = {
  recipient: { everyMs: 6_000, burst: 45 },
} as const satisfies Record<string, Pace>;

/** What is no passcode leaves a part of the number's throughput to those. */
const BULK_SHARE = 0.8;
/** Sends of this priority and below it (a greater number) are bulk: all but passcodes, which never wait for a place. */
export const BULK_PRIORITY = 2;

// Whole milliseconds, rounded up: instants have no finer ones, and cut off they would add up to a faster pace.
export const numberPace = (perSecond: number): Pace => ({ everyMs: Math.ceil(1_000 / perSecond), burst: perSecond });
export const bulkPace = (perSecond: number): Pace => numberPace(Math.max(1, Math.floor(perSecond * BULK_SHARE)));

/**
 * When the next token of a bucket is there, and what the bucket says after it has been taken. `nextAt` is the instant
 * at which the bucket will be full again; null when it is.
 */
export function token(pace: Pace, nextAt: Date | null, now: Date): { at: Date; nextAt: Date } {
  const full = Math.max(nextAt?.getTime() ?? 0, now.getTime());
  const at = full - pace.everyMs * (pace.burst - 1);
  return { at: new Date(Math.max(at, now.getTime())), nextAt: new Date(full + pace.everyMs) };
}
