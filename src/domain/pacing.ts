/**
 * Meta's limits, as token buckets: one token each `everyMs`, and up to `burst` at once after a rest. A number sends 80
 * messages a second; one recipient gets a message each 6 seconds, with 45 at once borrowed from the future.
 */
export const buckets = {
  number: { everyMs: 12.5, burst: 80 },
  recipient: { everyMs: 6_000, burst: 45 },
} as const;
