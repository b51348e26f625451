import { contentOf, subjectOf } from './content.ts';
import type { StripeEvent } from './types.ts';
import { eventShape } from './webhook-shapes.ts';

/** Reads a body whose signature has been checked. */
export function readWebhook(raw: Buffer): StripeEvent | undefined {
  const event = eventShape.safeParse(parse(raw)).data;
  if (!event) return undefined;
  const { id, type, account, created, data } = event;
  const at = new Date(created * 1000);
  return {
    id,
    type,
    account: account ?? undefined,
    at,
    content: contentOf(type, data.object, at),
    subject: subjectOf(type, data.object),
  };
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}
