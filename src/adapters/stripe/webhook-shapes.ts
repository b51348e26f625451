import { z } from 'zod';

/** As Stripe writes its ids. Printable, so that a row can hold any of them. */
const id = z.string().regex(/^[\x21-\x7e]{1,255}$/);
/** An id, or the object itself where the webhook's API version expands it. */
const reference = z.union([id, z.object({ id })]).nullish();
const seconds = z.int().min(0).max(253_402_300_799);
const currency = z
  .string()
  .regex(/^[a-zA-Z]{3}$/)
  .transform((code) => code.toUpperCase());
/** What is beyond is no amount of an invoice. */
const minor = z.int().min(0).max(999_999_999_999);
const metadata = z.record(z.string(), z.string()).nullish();

export type Metadata = z.output<typeof metadata>;
export const idOf = (object: z.output<typeof reference>): string | undefined =>
  typeof object === 'string' ? object : object?.id;

export const eventShape = z.object({
  id,
  object: z.literal('event'),
  type: z.string().regex(/^[\x21-\x7e]{1,100}$/),
  account: id.nullish(),
  created: seconds,
  data: z.object({ object: z.unknown() }),
});

/** Newer API versions name the payment intents of an invoice in its `payments`, when they are asked for. */
export const invoiceShape = z.object({
  id,
  status: z.string().nullish(),
  payment_intent: reference,
  charge: reference,
  payments: z
    .object({ data: z.array(z.object({ payment: z.object({ payment_intent: reference }).nullish() })) })
    .nullish(),
  amount_paid: minor,
  currency,
  status_transitions: z.object({ paid_at: seconds.nullish() }).nullish(),
  latest_revision: reference,
  metadata,
});

export const invoicePaymentShape = z.object({
  id,
  invoice: reference,
  payment: z.object({ payment_intent: reference }).nullish(),
});

export const sessionShape = z.object({
  id,
  payment_intent: reference,
  invoice: reference,
  payment_status: z.string(),
  amount_total: minor.nullish(),
  currency: currency.nullish(),
  client_reference_id: z.string().nullish(),
  metadata,
});

export const chargeShape = z.object({
  id,
  payment_intent: reference,
  invoice: reference,
  amount_refunded: minor,
  currency,
  metadata,
});
