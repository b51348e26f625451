import { quietUntil, type QuietTime } from './quiet-hours.ts';
import { instantsOf, startOfDay, wallClock } from './wall-clock.ts';

/** The quiet hours are those of another zone where one is named. */
export type JitterWindow = {
  seconds: number;
  timeZone: string;
  quietHours: QuietTime | null;
  quietZone?: string | undefined;
};

/**
 * An instant of its own for each key, at most `seconds` after the one that many share. It stays on its day and out of
 * quiet hours: where the window is longer than what is left, all keys share what is left. The same key and the same
 * instant always give the same.
 */
export function withJitter(at: Date, key: string, window: JitterWindow): Date {
  const windowMs = Math.max(0, window.seconds) * 1_000;
  if (windowMs === 0) return at;
  const spread = new Date(at.getTime() + Math.floor(fractionOf(key) * Math.min(windowMs, roomMs(at, window))));
  const quiet = window.quietHours && quietUntil(window.quietHours, window.quietZone ?? window.timeZone, spread);
  return quiet ? at : spread;
}

/** How long after an instant at which it is not quiet it is still that day, and not quiet. */
function roomMs(at: Date, { timeZone, quietHours, quietZone = timeZone }: JitterWindow): number {
  const now = at.getTime();
  const { day } = wallClock(at, timeZone);
  const ends = [startOfDay(day + 1, timeZone), instantsOf(day + 1, '00:00', timeZone)[1]];
  if (quietHours) {
    const there = wallClock(at, quietZone).day;
    for (const next of [there, there + 1]) ends.push(...instantsOf(next, quietHours.start, quietZone));
  }
  const ahead = ends.filter((end) => end > now);
  return ahead.length === 0 ? 0 : Math.min(...ahead) - now;
}

/** Of a key, from 0 to below 1: even over many keys. No secret: FNV-1a, mixed at the end as Murmur does. */
function fractionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
