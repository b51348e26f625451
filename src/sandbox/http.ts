import type { Context, Middleware, Next } from 'koa';
import getRawBody from 'raw-body';
import { MetaError } from './meta-error.ts';

/** An error of the sandbox's own routes. */
export class ControlError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
    this.code = code;
  }
}

/** Every failure becomes JSON: Meta's on Meta's routes, a short one on ours. */
export const answerErrors: Middleware = async (ctx: Context, next: Next) => {
  try {
    await next();
    if (ctx.status === 404 && ctx.body === undefined && ctx.respond !== false) {
      throw new ControlError(404, 'not_found', 'There is no such route.');
    }
    if (ctx.status === 405)
      ctx.body = { error: { code: 'method_not_allowed', message: 'The route has other methods.' } };
  } catch (error) {
    if (error instanceof MetaError) {
      ctx.status = error.status;
      ctx.body = error.body;
    } else if (error instanceof ControlError) {
      ctx.status = error.status;
      ctx.body = { error: { code: error.code, message: error.message } };
    } else {
      ctx.status = 500;
      ctx.body = new MetaError(500, 131000, 'Something went wrong').body;
      console.error('sandbox: request failed:', error);
    }
  }
};

/** The JSON body, or undefined when there is none that can be read. */
export async function readJson(ctx: Context): Promise<unknown> {
  // Only JSON: a page of another origin can post a form, but not this, without being asked first.
  if (!ctx.is('application/json')) return undefined;
  try {
    return JSON.parse(await getRawBody(ctx.req, { limit: '256kb', encoding: 'utf-8', length: ctx.request.length }));
  } catch {
    return undefined;
  }
}
