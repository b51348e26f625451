/** Lines at level error that belong to a fault. A scenario names those that it explains, and none is allowed by itself. */
export const allowed = {
  /** A round of the reconciler that Postgres was away for. The next one, a minute later, does its work. */
  reconcilerWithoutPostgres: /a step of the reconciler failed.*Postgres could not be reached/,
  /** Temporal's SDK, when the answer to a task that it had reported was lost on the way. */
  answerOfTemporalLost: /Trying to send a new WFT for a run which already has one/,
};
