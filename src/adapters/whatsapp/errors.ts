import type { Effect, Verdict } from './types.ts';

export type ErrorRule = {
  verdict: Verdict;
  meaning: string;
  effect?: Effect;
  /** How long `retry_after` waits when no `Retry-After` header says otherwise. */
  waitMs?: number | ((attempt: number) => number);
};

export type ErrorContext = { httpStatus?: number; retryAfter?: string | undefined; attempt?: number; now?: number };
export type ErrorVerdict = { verdict: Verdict; meaning: string; effect?: Effect; retryAfterMs?: number };

/** The one look-up: what to do about an error code of Meta's, known or not. */
export function judgeError(code: number, context: ErrorContext = {}): ErrorVerdict {
  const { verdict, meaning, effect, waitMs } = errorTable.get(code) ?? unknownRule(code, context.httpStatus);
  const told = readRetryAfter(context.retryAfter, context.now ?? Date.now());
  const own = typeof waitMs === 'function' ? waitMs(context.attempt ?? 0) : waitMs;
  const retryAfterMs = verdict === 'retry' || verdict === 'retry_after' ? (told ?? own) : undefined;
  return {
    // A plain retry backs off by the caller's own policy, unless Meta said when.
    verdict: verdict === 'retry' && retryAfterMs !== undefined ? 'retry_after' : verdict,
    meaning,
    ...(effect && { effect }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Seconds or an HTTP date, in milliseconds from `now`; capped, because a broken proxy may say next year. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : httpDate.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.round(Math.min(Math.max(ms, 0), hour));
}

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Meta documents 4^x seconds between two messages to one recipient. */
const pairBackOff = (attempt: number) => 4 ** Math.min(Math.max(attempt, 0), 5) * second;

/** Meta's documented codes as of the support page of 15 May 2026. Branch on the code, never on title or status. */
export const errorTable: ReadonlyMap<number, ErrorRule> = new Map<number, ErrorRule>([
  [0, { verdict: 'reauthorise', meaning: 'the access token could not be authenticated', effect: 'suspend_number' }],
  [190, { verdict: 'reauthorise', meaning: 'the access token has expired or is not valid', effect: 'suspend_number' }],
  [3, { verdict: 'reauthorise', meaning: 'the app may not call this method', effect: 'suspend_number' }],
  [10, { verdict: 'reauthorise', meaning: 'permission is missing or was removed', effect: 'suspend_number' }],

  [1, { verdict: 'retry', meaning: 'unknown error of the API' }],
  [2, { verdict: 'retry', meaning: 'the API is down or overloaded for a moment' }],
  [131000, { verdict: 'retry', meaning: 'unknown error while sending' }],
  [131016, { verdict: 'retry', meaning: 'the service is unavailable for a moment' }],
  [133004, { verdict: 'retry', meaning: 'the server is unavailable for a moment' }],

  [4, { verdict: 'retry_after', meaning: "the app's call rate is exhausted", waitMs: 5 * minute }],
  [80007, { verdict: 'retry_after', meaning: "the business account's call rate is exhausted", waitMs: 5 * minute }],
  [80008, { verdict: 'retry_after', meaning: "the business account's template rate is exhausted", waitMs: 5 * minute }],
  [130429, { verdict: 'retry_after', meaning: "the number's throughput is exhausted", waitMs: second }],
  [131056, { verdict: 'retry_after', meaning: 'too many messages to this one recipient', waitMs: pairBackOff }],
  [131057, { verdict: 'retry_after', meaning: 'the number is in maintenance', waitMs: minute }],
  [132015, { verdict: 'retry_after', meaning: 'the template is paused', effect: 'block_template', waitMs: hour }],

  [131048, { verdict: 'pause_number', meaning: 'spam or quality limit of the number', effect: 'suspend_number' }],
  [131042, { verdict: 'pause_number', meaning: 'payment problem of the account', effect: 'suspend_number' }],
  [131031, { verdict: 'pause_number', meaning: 'the account is locked', effect: 'suspend_number' }],
  [368, { verdict: 'pause_number', meaning: 'blocked for a policy violation', effect: 'suspend_number' }],
  [130497, { verdict: 'pause_number', meaning: 'may not message this country', effect: 'suspend_number' }],
  [133010, { verdict: 'pause_number', meaning: 'the number is not registered', effect: 'suspend_number' }],
  [131045, { verdict: 'pause_number', meaning: "the number's certificate is not valid", effect: 'suspend_number' }],

  // Not now: at least a day, and at most twice, which is a decision of the campaign, not of the sender.
  [131049, { verdict: 'never', meaning: 'held back by the marketing cap of the recipient' }],
  [131050, { verdict: 'never', meaning: 'the recipient stopped marketing messages', effect: 'record_opt_out' }],
  [131047, { verdict: 'never', meaning: 'more than 24 hours since the last reply', effect: 'use_template' }],
  [131026, { verdict: 'never', meaning: 'undeliverable to this recipient', effect: 'use_other_channel' }],
  [
    131062,
    { verdict: 'never', meaning: 'not possible for a recipient without a phone number', effect: 'use_other_channel' },
  ],
  [130472, { verdict: 'never', meaning: "the recipient is part of an experiment of Meta's" }],
  [131021, { verdict: 'never', meaning: 'sender and recipient are the same' }],
  [131008, { verdict: 'never', meaning: 'a parameter is missing' }],
  [131009, { verdict: 'never', meaning: 'a parameter is not valid' }],
  [100, { verdict: 'never', meaning: 'a parameter is not valid, or the number is not ours' }],
  [33, { verdict: 'never', meaning: 'the number does not exist or may not be seen' }],
  [131051, { verdict: 'never', meaning: 'unsupported message type' }],
  [131052, { verdict: 'never', meaning: "the recipient's media could not be downloaded" }],
  [131053, { verdict: 'never', meaning: 'the media could not be uploaded' }],

  [132000, { verdict: 'never', meaning: 'wrong number of template parameters', effect: 'block_template' }],
  [132001, { verdict: 'never', meaning: 'no such template in this language', effect: 'block_template' }],
  [132005, { verdict: 'never', meaning: 'the filled-in template is too long', effect: 'block_template' }],
  [132007, { verdict: 'never', meaning: 'the template breaks a policy', effect: 'block_template' }],
  [132012, { verdict: 'never', meaning: 'a template parameter has the wrong format', effect: 'block_template' }],
  [132016, { verdict: 'never', meaning: 'the template is disabled', effect: 'block_template' }],
  [132018, { verdict: 'never', meaning: 'a template parameter is not valid', effect: 'block_template' }],
]);

function unknownRule(code: number, httpStatus: number | undefined): ErrorRule {
  if (code >= 200 && code <= 299)
    return { verdict: 'reauthorise', meaning: 'permission is missing or was removed', effect: 'suspend_number' };
  if (code >= 80000 && code <= 80099)
    return { verdict: 'retry_after', meaning: 'a call rate is exhausted', waitMs: 5 * minute };
  if (code >= 132000 && code <= 132999)
    return { verdict: 'never', meaning: 'template error', effect: 'block_template' };
  if (code >= 133000 && code <= 133999)
    return { verdict: 'pause_number', meaning: 'registration error', effect: 'suspend_number' };
  if (httpStatus === 401) return { verdict: 'reauthorise', meaning: 'not authorised', effect: 'suspend_number' };
  if (httpStatus === 429) return { verdict: 'retry_after', meaning: 'too many requests', waitMs: minute };
  if (httpStatus !== undefined && httpStatus >= 500) return { verdict: 'retry', meaning: 'server error' };
  return { verdict: 'never', meaning: 'unknown error' };
}
