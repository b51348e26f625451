import type { Middleware } from 'koa';
import { AppError } from '../../errors.ts';

/**
 * No caller waits longer than this for an answer to a request that has been read, which may take as long before it: who
 * asks is looked up first. What was begun ends by its own time limits. While a body is on its way the time is the
 * client's, which the server bounds (`listen.ts`): that is no fault of ours, and no 503.
 */
export const deadline =
  (ms: number): Middleware =>
  async ({ req }, next) => {
    let timer: NodeJS.Timeout | undefined;
    let afresh = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const expire = () => {
        if (!req.complete && !req.destroyed) return afresh();
        reject(new AppError('unavailable', 'The request took too long.', { retryAfterSeconds: 2 }));
      };
      afresh = () => {
        clearTimeout(timer);
        timer = setTimeout(expire, ms);
      };
    });
    req.once('end', afresh);
    afresh();
    try {
      await Promise.race([next(), late]);
    } finally {
      req.off('end', afresh);
      clearTimeout(timer);
    }
  };
