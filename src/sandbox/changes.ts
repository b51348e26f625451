import type { Readable } from 'node:stream';
import { PassThrough } from 'node:stream';

export type Changes = ReturnType<typeof createChanges>;

type Watcher = { stream: PassThrough; onlyNumber: string | undefined };
const maxWatchers = 1000;
const heartbeatMs = 15_000;

/** Tells open pages, as server-sent events, that a phone shows something new. What it is they read for themselves. */
export function createChanges() {
  const watchers = new Map<string, Set<Watcher>>();
  let count = 0;
  // Proxies close what is silent for long.
  const heartbeat = setInterval(() => {
    for (const { stream } of [...watchers.values()].flatMap((set) => [...set])) stream.write(': alive\n\n');
  }, heartbeatMs).unref();

  return {
    /** Nothing when too many watch already. */
    watch(e164: string, onlyNumber: string | undefined): Readable | undefined {
      if (count >= maxWatchers) return undefined;
      const watcher = { stream: new PassThrough(), onlyNumber };
      const set = watchers.get(e164) ?? new Set();
      watchers.set(e164, set.add(watcher));
      count += 1;
      watcher.stream.once('close', () => {
        count -= 1;
        set.delete(watcher);
        if (set.size === 0 && watchers.get(e164) === set) watchers.delete(e164);
      });
      watcher.stream.write('retry: 1000\n: watching\n\n');
      return watcher.stream;
    },
    /** Without a number the change is of the phone itself. */
    tell(e164: string, number?: string) {
      for (const { stream, onlyNumber } of watchers.get(e164) ?? []) {
        if (number === undefined || onlyNumber === undefined || onlyNumber === number) {
          stream.write('event: change\ndata: {}\n\n');
        }
      }
    },
    tellAll() {
      for (const e164 of watchers.keys()) this.tell(e164);
    },
    close() {
      clearInterval(heartbeat);
      for (const { stream } of [...watchers.values()].flatMap((set) => [...set])) stream.destroy();
    },
  };
}
