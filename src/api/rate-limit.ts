import type { Context } from 'koa';
import { AppError } from '../errors.ts';

/** Requests that count together: so many in each window of so many seconds. The headers call it by its name. */
export type Policy = { name: string; limit: number; windowSeconds: number };

/** What is left of a window, and in how many seconds the next one begins. */
export type Left = { remaining: number; resetSeconds: number };

export const tellPolicy = (koa: Context, { name, limit, windowSeconds }: Policy): void =>
  koa.set('RateLimit-Policy', `"${name}";q=${limit};w=${windowSeconds}`);

export const tellLeft = (koa: Context, { name }: Policy, { remaining, resetSeconds }: Left): void =>
  koa.set('RateLimit', `"${name}";r=${remaining};t=${resetSeconds}`);

/** Counts a request, and has its answer say how many are left, also where there is none left. */
export async function countRequest(koa: Context, policy: Policy, take: () => Promise<Left>): Promise<void> {
  tellPolicy(koa, policy);
  try {
    tellLeft(koa, policy, await take());
  } catch (error) {
    if (error instanceof AppError) tellLeft(koa, policy, { remaining: 0, resetSeconds: error.retryAfterSeconds ?? 0 });
    throw error;
  }
}
