/** What the API answered 202 to: from then on it is ours to keep. */
export type Promised = { kind: 'otp' | 'message'; tenantId: number; id: string; phone: string; brief: boolean };

/** A guess at a code, and what the API said of it; no answer at all is `undefined`. */
export type Guess = { otpId: string; right: boolean; verified: boolean | undefined };

/** All that the clients of one scenario have been told. */
export function createPromises() {
  const kept: Promised[] = [];
  const guesses: Guess[] = [];
  const answers = new Map<string, number>();
  let slowestMs = 0;
  return {
    kept,
    guesses,
    answers,
    slowest: () => slowestMs,
    heard(answer: number | 'none', ms: number): void {
      answers.set(String(answer), (answers.get(String(answer)) ?? 0) + 1);
      slowestMs = Math.max(slowestMs, ms);
    },
  };
}

export type Promises = ReturnType<typeof createPromises>;
