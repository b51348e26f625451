import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape } from './shape.ts';

/** What stripe-mock answers, as names and types, by the name that Stripe gives the object. */
export const shapesFile = join(import.meta.dirname, 'shapes.json');
export const recordedShapes = (): Record<string, Shape> => JSON.parse(readFileSync(shapesFile, 'utf8'));

/** With what Stripe's document has beside, and the objects of stripe-mock have not. */
export function shapes(): Record<string, Shape> {
  const { event, invoice_payment, ...others } = recordedShapes();
  const payment = { type: 'string', payment_intent: 'string' };
  return {
    ...others,
    event: { ...(event as object), account: 'string' },
    invoice_payment: { ...(invoice_payment as object), payment },
  };
}
