import type { Middleware } from 'koa';
import { AppError } from '../../errors.ts';

/** No caller waits longer than this for an answer. What was begun ends by its own time limits. */
export const deadline =
  (ms: number): Middleware =>
  async (_koa, next) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new AppError('unavailable', 'The request took too long.', { retryAfterSeconds: 2 }));
      }, ms);
    });
    try {
      await Promise.race([next(), late]);
    } finally {
      clearTimeout(timer);
    }
  };
