/** Where a payment says that it belongs: what we, or the tenant, wrote onto it in Stripe. */
export type Link = { tenantId: string | undefined; invoiceId: string | undefined };

type Money = {
  /** Stripe's ids of it, the one that names it best first: of a payment its intent, of a refund the charge. */
  objects: string[];
  /** Decimal. */
  amount: string;
  /** ISO 4217, in capitals. */
  currency: string;
  at: Date;
  link: Link;
};

/** What an event says, as far as it is about money that has moved. */
export type EventContent =
  | ({ kind: 'payment' } & Money)
  /** `amount` is all that has gone back of the charge so far. */
  | ({ kind: 'refund' } & Money)
  /** Somebody has gone through the checkout, and the money may still come. */
  | { kind: 'not_paid_yet' }
  | { kind: 'nothing_paid' }
  | { kind: 'ignored' }
  /** Of a type that matters, and not as Stripe documents it. */
  | { kind: 'unreadable' };

/** `account` is there when the event is about another account than the one that has the webhook (Stripe Connect). */
export type StripeEvent = { id: string; type: string; account: string | undefined; content: EventContent };

/** An event with its bytes. */
export type ReportedEvent = { event: StripeEvent; raw: Buffer };

export type CheckoutInput = {
  invoiceId: string;
  tenantId: number;
  /** What the customer reads. */
  title: string;
  /** Decimal, above zero. */
  amount: string;
  currency: string;
  /** Where the customer comes to after having paid. */
  returnUrl: string;
  /** The same key within a day answers the same session. */
  idempotencyKey: string;
};

export type CheckoutSession = { url: string; expiresAt: Date };

/** Why Stripe did not do it: it is `away` (or busy), does not take the key (`unauthorised`), or the request (`refused`). */
export type StripeFailure = { ok: false; reason: 'away' | 'unauthorised' | 'refused'; detail: string };
export type StripeResult<T> = { ok: true; value: T } | StripeFailure;

/** Stripe's API, as much of it as is used. Never throws; `accessToken` is a secret or restricted key. */
export type StripeApi = {
  /** The account that the key opens; nothing when the key may not see it. */
  account(accessToken: string): Promise<StripeResult<string | undefined>>;
  /** What has been reported about payments since then, oldest first; at most the newest 2,000. Stripe keeps 30 days. */
  events(accessToken: string, since: Date): Promise<StripeResult<ReportedEvent[]>>;
  checkout(accessToken: string, input: CheckoutInput): Promise<StripeResult<CheckoutSession>>;
  close(): void;
};
