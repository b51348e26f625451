import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { AppError } from '../errors.ts';
import type { Repeatable } from '../services/idempotency/once.ts';
import type { Route } from './route.ts';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
export const idempotencyKey = /^[\x21-\x7e]{1,255}$/;

/** What makes a request a repeat of another, where its route keeps answers and it came with a key. */
export function readIdempotencyKey(
  route: Route,
  koa: Context,
  { query, body, file }: { query: unknown; body: unknown; file: Buffer },
): Repeatable | undefined {
  const key = koa.headers['idempotency-key'];
  if (key === undefined || !route.idempotent) return undefined;
  // An empty one too: whoever sends it believes to be safe.
  if (typeof key !== 'string' || !idempotencyKey.test(key)) {
    throw new AppError('malformed_request', 'An Idempotency-Key is 1 to 255 printable characters without spaces.');
  }
  return {
    key,
    method: koa.method,
    path: koa.path.replace(/\/$/, ''),
    query: route.query && query,
    body: route.file ? hash('sha256', file) : body,
    status: route.status,
    outside: route.idempotent === 'outside',
  };
}
