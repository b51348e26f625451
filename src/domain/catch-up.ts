/**
 * What becomes of a planned send whose time has passed, after an outage say:
 * `drop` it is worth nothing any more; `send_once` it is still sent, but only the newest of its flow that is due, so
 * that a row of missed ones ends in one message; `shift` it is sent, however late. A reminder has its instant by the
 * calendar, so none that follows it moves.
 */
export type CatchUp = 'drop' | 'send_once' | 'shift';

export type Lateness = { catchUp: CatchUp; latestUsefulAt: Date | null; newerIsDue: boolean; now: Date };

/** The word for why a planned send is not sent any more, or null when it is to be sent. */
export function lapseOf({ catchUp, latestUsefulAt, newerIsDue, now }: Lateness): 'too_late' | 'superseded' | null {
  if (catchUp === 'send_once' && newerIsDue) return 'superseded';
  if (catchUp !== 'drop' || !latestUsefulAt) return null;
  return latestUsefulAt.getTime() <= now.getTime() ? 'too_late' : null;
}
