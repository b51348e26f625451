import { Temporal } from 'temporal-polyfill';

/** Local times of day, `HH:MM`; a `start` after `end` means over midnight. */
export type QuietTime = { start: string; end: string };

/** Whether a name is one of a time zone that we can reckon in: of IANA, and none of the abbreviations that mean many. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** Until when it is quiet at that instant in that time zone, or null when it is not. */
export function quietUntil({ start, end }: QuietTime, timeZone: string, now: Date): Date | null {
  const instant = Temporal.Instant.fromEpochMilliseconds(now.getTime());
  // A zone that a row still has and nobody knows must not keep a message from ever leaving.
  const zone = isTimeZone(timeZone) ? timeZone : 'UTC';
  const local = instant.toZonedDateTimeISO(zone);
  const time = local.toPlainTime();
  const ends = Temporal.PlainTime.from(end);
  const started = Temporal.PlainTime.compare(time, start) >= 0;
  const ended = Temporal.PlainTime.compare(time, ends) >= 0;
  const overMidnight = Temporal.PlainTime.compare(start, ends) > 0;
  if (overMidnight ? !started && ended : !started || ended) return null;

  // The hour that the clocks repeat has that time twice: the first one may lie behind us, and the second ahead.
  const today = local.toPlainDate();
  const instants = [today, today.add({ days: 1 })].flatMap((day) =>
    (['compatible', 'later'] as const).map(
      (disambiguation) => day.toPlainDateTime(ends).toZonedDateTime(zone, { disambiguation }).epochMilliseconds,
    ),
  );
  return new Date(Math.min(...instants.filter((at) => at > now.getTime())));
}
