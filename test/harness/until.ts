import { setTimeout as delay } from 'node:timers/promises';

/** Waits for something that must come true, and fails with what was seen last when it does not. */
export async function until<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  { withinMs = 20_000, everyMs = 40 } = {},
): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > giveUpAt) throw new Error(`It did not come true; last seen: ${JSON.stringify(seen)}`);
    await delay(everyMs);
  }
}
