import type { Context } from 'koa';
import { z } from 'zod';
import { ControlError, readJson } from './http.ts';
import { readPhone } from './identifiers.ts';

/** The body of a control route, checked; what is wrong is said in the answer. */
export async function readInput<T>(ctx: Context, schema: z.ZodType<T>): Promise<T> {
  const body = await readJson(ctx);
  if (body === undefined) throw new ControlError(400, 'malformed_request', 'The body must be JSON (application/json).');
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new ControlError(422, 'invalid_request', problems.join('; '));
}

export function phoneOf(ctx: Context): string {
  const e164 = readPhone(String(ctx.params.e164));
  if (!e164) throw new ControlError(400, 'invalid_phone', 'A phone is written in E.164, such as +16505551234.');
  return e164;
}

/** Which business is meant; without it, the one that wrote last. */
export const channelId = z.uuid().optional();
