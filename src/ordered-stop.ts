import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './log.ts';

type Part = [name: string, boundMs: number, stop: () => unknown];

/**
 * Stops the parts of a process, one after the other. A part that takes longer than its bound, or fails, is left as it is:
 * what it held stands in Postgres or in Temporal, and is taken up again from there, as after a crash. So it is logged,
 * and neither keeps the next from being stopped nor makes the stop fail.
 */
export async function stopInOrder(log: Logger, parts: Part[]): Promise<void> {
  for (const [part, boundMs, stop] of parts) {
    const timer = new AbortController();
    const late = delay(boundMs, 'late', { signal: timer.signal }).catch(() => 'late');
    const stopped = Promise.resolve()
      .then(stop)
      .catch((error: unknown) => log.warn({ err: error, part }, 'a part did not stop cleanly'));
    if ((await Promise.race([stopped, late])) === 'late')
      log.warn({ part, ms: boundMs }, 'a part did not stop in time');
    timer.abort();
  }
}
