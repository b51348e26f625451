import { randomUUIDv7 } from 'node:crypto';
import type { Middleware } from 'koa';

/** Gives every request an id, or keeps a plausible one that the caller sent, and answers with it. */
export const requestId: Middleware = async (koa, next) => {
  const given = koa.get('X-Request-Id');
  const id = /^[\w.-]{8,64}$/.test(given) ? given : randomUUIDv7();
  koa.state['requestId'] = id;
  koa.set('X-Request-Id', id);
  await next();
};
