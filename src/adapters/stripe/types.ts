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

/** What an event says, as far as it is about money that has moved, or about an invoice that nobody pays any more. */
export type EventContent =
  /** Of an invoice of Stripe's, `soFar`, the amount is all that has been paid of it until then. */
  | ({ kind: 'payment'; soFar: boolean } & Money)
  /** `amount` is all that has gone back of the charge so far. */
  | ({ kind: 'refund' } & Money)
  /** A payment of a part, which does not say whose it is: only the invoice of Stripe's does. */
  | { kind: 'part_payment'; objects: string[] }
  | { kind: 'closed'; status: 'void' | 'uncollectible'; objects: string[]; link: Link }
  /** An invoice that was closed is not so any more, or another version of it stands in its place. */
  | { kind: 'superseded' }
  /** Somebody has gone through the checkout, and the money may still come. */
  | { kind: 'not_paid_yet' }
  | { kind: 'nothing_paid' }
  | { kind: 'ignored' }
  /** Of a type that matters, and not as Stripe documents it. */
  | { kind: 'unreadable' };

/** What an event is about; it can be asked for as it is now. */
export type Subject = { object: 'invoice' | 'session' | 'charge'; id: string };

/** `account` is there when the event is about another account than the one that has the webhook (Stripe Connect). */
export type StripeEvent = {
  id: string;
  type: string;
  account: string | undefined;
  at: Date;
  /** As it was when the event happened. */
  content: EventContent;
  subject: Subject | undefined;
};

/** An event with its bytes. */
export type ReportedEvent = { event: StripeEvent; raw: Buffer };
/** Events, oldest first. `before` is where those that are older still begin, or null where there are none. */
export type ReportedEvents = { events: ReportedEvent[]; before: string | null };

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

/**
 * Why Stripe did not do it: it is `away` (or busy), does not take the key (`unauthorised`), the key may not do that
 * (`forbidden`), or it does not take the request (`refused`).
 */
export type StripeFailure = { ok: false; reason: 'away' | 'unauthorised' | 'forbidden' | 'refused'; detail: string };
export type StripeResult<T> = { ok: true; value: T } | StripeFailure;

/** Stripe's API, as much of it as is used. Never throws; `accessToken` is a secret or restricted key. */
export type StripeApi = {
  /** The account that the key opens; nothing when the key may not see it. */
  account(accessToken: string): Promise<StripeResult<string | undefined>>;
  /** What has been reported about payments since then: the newest 2,000, or those `before`. Stripe keeps 30 days. */
  events(accessToken: string, since: Date, before?: string | null): Promise<StripeResult<ReportedEvents>>;
  /** What an event would say if it happened now. Takes 6 seconds at most. */
  present(accessToken: string, event: StripeEvent & { subject: Subject }): Promise<StripeResult<EventContent>>;
  checkout(accessToken: string, input: CheckoutInput): Promise<StripeResult<CheckoutSession>>;
  /** Ends a session that nobody has gone through, by its `url`: nobody can pay there any more. Others are `refused`. */
  expireCheckout(accessToken: string, url: string): Promise<StripeResult<void>>;
  close(): void;
};
