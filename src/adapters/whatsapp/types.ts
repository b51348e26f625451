/** One WhatsApp number of a tenant: where it lives and what opens it. */
export type Channel = { baseUrl: string; version: string; phoneNumberId: string; accessToken: string };

export type TextContent = { type: 'text'; body: string };
export type AuthenticationContent = { type: 'authentication'; template: string; language: string; code: string };

/** A union over `type`; each member has its serialiser in `payload.ts`. */
export type MessageContent = TextContent | AuthenticationContent;

/** `messageId` travels as `biz_opaque_callback_data`; `to` is E.164 with its `+`. */
export type OutboundMessage = { messageId: string; to: string; content: MessageContent };

export type Verdict = 'retry' | 'retry_after' | 'never' | 'reauthorise' | 'pause_number';

export type SendOptions = {
  /** A `performance.now()` value: past it no byte is written, and a request under way is aborted. */
  deadline: number;
  signal?: AbortSignal;
  /** Earlier tries of this message, from 0: what refusals with a growing back-off count from. */
  attempt?: number;
};

/**
 * What is known after a send, and nothing more:
 * - `accepted`: Meta answered with its id. Accepted is not delivered.
 * - `refused`: Meta answered that it did not take the message. A negative `code` is the HTTP status
 *   of a 3xx or 4xx answer without Meta's error body. `detail` never echoes body, phone or code.
 * - `not_sent`: no byte of the request left this process.
 * - `ambiguous`: the request may have reached Meta; only a status webhook can tell.
 */
export type SendOutcome =
  | { kind: 'accepted'; providerId: string }
  | { kind: 'refused'; code: number; verdict: Verdict; retryAfterMs?: number; detail: string }
  | { kind: 'not_sent'; reason: string }
  | { kind: 'ambiguous'; reason: string };

export type WhatsApp = {
  send(channel: Channel, message: OutboundMessage, options: SendOptions): Promise<SendOutcome>;
  close(): Promise<void>;
};

export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** `messageId` is our own id, echoed by Meta; it is absent when someone else sent the message. */
export type StatusUpdate = {
  messageId?: string;
  providerId: string;
  status: DeliveryStatus;
  at: Date;
  errorCode?: number;
  phoneNumberId: string;
};

/** `from` is absent for people who hide their number behind a username; `userId` (BSUID) then names them. */
export type InboundMessage = {
  from?: string;
  userId?: string;
  providerId: string;
  type: string;
  at: Date;
  text?: string;
  buttonPayload?: string;
  /** The message this one answers. */
  repliesTo?: string;
  phoneNumberId: string;
};

export type WebhookContent = { statuses: StatusUpdate[]; inbound: InboundMessage[]; unreadable: number };
