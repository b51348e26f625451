/**
 * The clocks of a zone as `Intl` shows them, and what can be found out by looking at them: an oracle that shares no
 * reckoning with `domain/`. A wall time is written as the milliseconds that it would be in UTC.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function shown(ms: number, timeZone: string): number[] {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  // Month, day, year, hour, minute, second.
  return (format.format(ms).match(/\d+/g) ?? []).map(Number);
}

/** The wall time at an instant. */
export function wallAt(ms: number, timeZone: string): number {
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = shown(ms, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((ms % 1_000) + 1_000) % 1_000);
}

const offsetAt = (ms: number, timeZone: string): number => wallAt(ms, timeZone) - ms;

const HOUR = 3_600_000;
// No zone is farther from UTC than 14 hours, nor skips more than a day.
const REACH = 40 * HOUR;

/** All instants at which the clocks show a wall time, and how they are set around it. */
export function instantsOfWall(
  wall: number,
  timeZone: string,
): { at: number[]; clocks: 'plain' | 'dst_gap' | 'dst_fold' } {
  const offsets = new Set<number>();
  for (let ms = wall - REACH; ms <= wall + REACH; ms += REACH / 2) offsets.add(offsetAt(ms, timeZone));
  const at = [...offsets]
    .map((offset) => wall - offset)
    .filter((ms) => wallAt(ms, timeZone) === wall)
    .toSorted((a, b) => a - b);
  if (at.length > 0) return { at, clocks: at.length > 1 ? 'dst_fold' : 'plain' };

  // Skipped: the last instant whose clocks show less says how far from UTC they were until then.
  let before = wall - REACH;
  let after = wall + REACH;
  while (after - before > 1_000) {
    const middle = before + Math.floor((after - before) / 2_000) * 1_000;
    if (wallAt(middle, timeZone) < wall) before = middle;
    else after = middle;
  }
  return { at: [wall - offsetAt(before, timeZone)], clocks: 'dst_gap' };
}

/** An instant within the given year at which the clocks of a zone are set, the first or the last one; or null. */
export function clockChange(year: number, which: 'first' | 'last', timeZone: string): number | null {
  const months = Array.from({ length: 13 }, (_, month) => Date.UTC(year, month, 1));
  const changes = months.slice(1).flatMap((end, index) => {
    const start = months[index] ?? end;
    return offsetAt(start, timeZone) === offsetAt(end, timeZone) ? [] : [{ start, end }];
  });
  const change = changes.at(which === 'first' ? 0 : -1);
  if (!change) return null;
  let { start, end } = change;
  const before = offsetAt(start, timeZone);
  while (end - start > 60_000) {
    const middle = start + Math.floor((end - start) / 2_000) * 1_000;
    if (offsetAt(middle, timeZone) === before) start = middle;
    else end = middle;
  }
  return end;
}
