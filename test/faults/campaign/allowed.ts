/** A line has its error before its message, or in its stack after it. */
const step = (why: string): RegExp => new RegExp(`^(?=.*a step of the reconciler failed).*${why}`);

/** Lines at level error that belong to a fault. A scenario names those that it explains, and none is allowed by itself. */
export const allowed = {
  /** A round of the reconciler that Postgres was away for. The next one, a minute later, does its work. */
  reconcilerWithoutPostgres: step('Postgres could not be reached'),
  /** A round with a step that asks Temporal for a list, while that was away. The next one does its work. */
  reconcilerWithoutTemporal: step('Temporal could not be reached'),
  /** A round whose worker was killed at each try of a step. The next one, a minute later, does its work. */
  reconcilerKilled: step('Activity task timed out'),
  /** Temporal's SDK, when the answer to a task that it had reported was lost on the way. */
  answerOfTemporalLost: /Trying to send a new WFT for a run which already has one/,
};
