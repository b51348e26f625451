import type { Context } from 'koa';
import type { Drawn } from './faults.ts';
import { expiredToken, MetaError } from './meta-error.ts';

/** Faults in place of accepting: answers wrongly, or not at all. */
export function breaksInsteadOfAccepting(ctx: Context, { answer }: Drawn): boolean {
  switch (answer?.kind) {
    case 'http_401':
      throw expiredToken();
    case 'http_429':
      ctx.set('Retry-After', String(Math.ceil((answer.ms ?? 1000) / 1000)));
      throw new MetaError(429, 130429, 'Rate limit hit', {
        details:
          'Message failed to send because there were too many messages sent from this phone number in a short period of time.',
      });
    case 'http_500':
      throw new MetaError(500, 131000, 'Something went wrong', {
        details: 'Message failed to send due to an unknown error.',
      });
    case 'http_502':
      ctx.status = 502;
      ctx.type = 'html';
      ctx.body = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';
      return true;
    case 'refused':
      throw new MetaError(400, answer.code ?? 131026, 'Refused by a fault of the sandbox');
    case 'timeout':
      hang(ctx);
      return true;
    case 'reset_before_accept':
      reset(ctx);
      return true;
    default:
      return false;
  }
}

/** Faults after accepting: the business does not learn of it by the answer. */
export function breaksAnswer(ctx: Context, { answer }: Drawn): boolean {
  if (answer?.kind === 'accept_then_reset') reset(ctx);
  else if (answer?.kind === 'accept_then_timeout') hang(ctx);
  else return false;
  return true;
}

function hang(ctx: Context) {
  ctx.respond = false;
}

function reset(ctx: Context) {
  ctx.respond = false;
  ctx.req.socket.resetAndDestroy();
}
