import type { MailOutcome } from './types.ts';

const minute = 60_000;

/** Greylisting asks for some minutes, and a busy server for less. */
const backOff = (attempt: number) => Math.min(minute * 2 ** Math.min(Math.max(attempt, 0), 5), 30 * minute);

/** Replies after which only other credentials help: to sign in, or before somebody has. */
const needsLogin: ReadonlyMap<number, string> = new Map([
  [530, 'the server wants a login'],
  [534, 'the server does not take this way to sign in'],
  [535, 'the server does not take the user name or password'],
  [538, 'the server signs in over TLS only'],
]);

const meanings: ReadonlyMap<number, string> = new Map([
  [421, 'the server is going away'],
  [450, 'the mailbox is not available for a moment'],
  [451, 'the server cannot take the mail at the moment'],
  [452, 'the server has no room at the moment'],
  [454, 'signing in is not possible at the moment'],
  [550, 'there is no such mailbox, or it takes no mail from here'],
  [551, 'the mailbox is elsewhere'],
  [552, 'the mailbox is full'],
  [553, 'the address is not allowed'],
  [554, 'the server refuses the mail'],
]);

/** What to do about an SMTP reply that says no: 4xx is not now, 5xx is never, and some are about the login. */
export function judgeReply(code: number, attempt = 0): MailOutcome & { kind: 'refused' } {
  const login = needsLogin.get(code);
  if (login)
    return {
      kind: 'refused',
      code,
      verdict: 'reauthorise',
      effect: 'suspend_number',
      detail: `${login}, reply ${code}`,
    };
  const passing = code >= 400 && code < 500;
  const meaning = meanings.get(code) ?? (passing ? 'not now' : 'refused');
  return {
    kind: 'refused',
    code,
    verdict: passing ? 'retry_after' : 'never',
    ...(passing && { retryAfterMs: backOff(attempt) }),
    detail: `${meaning}, reply ${code}`,
  };
}
