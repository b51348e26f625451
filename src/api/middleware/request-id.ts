import { randomUUIDv7 } from 'node:crypto';
import type { Middleware } from 'koa';

/**
 * Gives every request an id, or keeps the UUID that the caller sent, and answers with it. Only a UUID: the id is
 * logged and stored as it is, and in any other text somebody's number could stand.
 */
export const requestId: Middleware = async (koa, next) => {
  const given = koa.get('X-Request-Id');
  const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given) ? given : randomUUIDv7();
  koa.state['requestId'] = id;
  koa.set('X-Request-Id', id);
  await next();
};
