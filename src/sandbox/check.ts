import type { z } from 'zod';
import { invalidParameter, invalidValue, missingParameter } from './meta-error.ts';

/** Meta tells a parameter that is missing from one that is wrong; so does the first issue found. */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') || 'body';
  if (issue?.code === 'invalid_type' && issue.input === undefined) throw missingParameter(`Missing '${path}'.`);
  if (path === 'messaging_product') throw invalidParameter("messaging_product must be 'whatsapp'.");
  throw invalidValue(`'${path}': ${issue?.message ?? 'not valid'}.`);
}
