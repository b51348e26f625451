/** What the API answered 202 to: from then on it is ours to keep. */
export type Promised = { kind: 'otp' | 'message'; tenantId: number; id: string; phone: string; brief: boolean };

/** An invoice that was answered for with 201, with the ids of its reminders. `email`: where it is reminded of as well. */
export type PromisedInvoice = {
  id: string;
  phone: string;
  email: string | undefined;
  /** In milliseconds since 1970: when the first of its reminders leaves. */
  dueAt: number;
  reminders: string[];
};

/** A payment that was answered for with 200, and the reminders of which the client was told that they never leave. */
export type PromisedPayment = { invoiceId: string; reference: string; cancelled: string[] };

/** A guess at a code, and what the API said of it; no answer at all is `undefined`. `at`: when, in milliseconds since 1970. */
export type Guess = { otpId: string; right: boolean; verified: boolean | undefined; at: number };

/** All that the clients of one scenario have been told. */
export function createPromises() {
  const kept: Promised[] = [];
  const invoices: PromisedInvoice[] = [];
  const payments: PromisedPayment[] = [];
  /** The invoices whose flows were cancelled, as was answered with 200. */
  const cancels: string[] = [];
  /** What was answered with neither a promise nor a request for patience, where nothing else is right. */
  const refused: string[] = [];
  const guesses: Guess[] = [];
  const answers = new Map<string, number>();
  let slowestMs = 0;
  return {
    kept,
    invoices,
    payments,
    cancels,
    refused,
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
