/** The last instant that a row holds and an answer can write. */
export const LAST_INSTANT = new Date('9999-12-31T23:59:59.999Z');

/** So many milliseconds later, or the last instant where that is sooner. */
export const laterBy = (at: Date, ms: number): Date => new Date(Math.min(at.getTime() + ms, LAST_INSTANT.getTime()));
