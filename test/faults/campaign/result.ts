import type { Verdict } from './oracle.ts';

export type Result = {
  scenario: string;
  /** How long the fault was played, and then until nothing moved any more. */
  seconds: number;
  settledSeconds: number;
  figures: Record<string, number>;
  /** Those of them that only this scenario has: how often it struck. */
  own: string[];
  /** How often the clients heard each status, and `none` where nobody answered. */
  answers: Record<string, number>;
  verdicts: Verdict[];
};

export const isBroken = ({ verdicts }: Result): boolean => verdicts.some(({ breaches }) => breaches.length > 0);

/** A scenario that could not be played to its end. */
export const notPlayed = (scenario: string, error: unknown): Result => ({
  scenario,
  seconds: 0,
  settledSeconds: 0,
  figures: {},
  own: [],
  answers: {},
  verdicts: [{ rule: 'played', breaches: [error instanceof Error ? (error.stack ?? error.message) : String(error)] }],
});
