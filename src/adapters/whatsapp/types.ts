/** One WhatsApp number of a tenant: where it lives and what opens it. */
export type Channel = { baseUrl: string; version: string; phoneNumberId: string; accessToken: string };

/** The account above the number: templates and webhooks belong to it. */
export type Account = Channel & { wabaId: string };

export type TextContent = { type: 'text'; body: string; previewUrl?: boolean };
export type AuthenticationContent = { type: 'authentication'; template: string; language: string; code: string };

export type TemplateHeader =
  | { type: 'text'; text: string }
  | { type: 'document'; link: string; filename?: string }
  | { type: 'image'; link: string };
export type TemplateButton =
  | { type: 'quick_reply'; index: number; payload: string }
  | { type: 'url'; index: number; text: string };
/** What fills the parameters of an approved template; a part without parameters is not named. */
export type TemplateContent = {
  type: 'template';
  template: string;
  language: string;
  header?: TemplateHeader;
  body?: string[];
  buttons?: TemplateButton[];
};

/** One to three buttons, with titles of at most 20 characters. */
export type ButtonsContent = {
  type: 'buttons';
  body: string;
  header?: string;
  footer?: string;
  buttons: { id: string; title: string }[];
};
export type ListContent = {
  type: 'list';
  body: string;
  button: string;
  header?: string;
  footer?: string;
  sections: { title?: string; rows: { id: string; title: string; description?: string }[] }[];
};
export type DocumentContent = { type: 'document'; link: string; filename?: string; caption?: string };
export type ImageContent = { type: 'image'; link: string; caption?: string };

/** A union over `type`; each member has its serialiser, which `payload.ts` picks. */
export type MessageContent =
  | TextContent
  | AuthenticationContent
  | TemplateContent
  | ButtonsContent
  | ListContent
  | DocumentContent
  | ImageContent;

/**
 * `messageId` travels as `biz_opaque_callback_data`; `to` is E.164 with its `+`; `replyTo` is the provider's id of the
 * message that this one answers.
 */
export type OutboundMessage = { messageId: string; to: string; content: MessageContent; replyTo?: string };

/** What, beyond this one message, an error tells us to do. */
export type Effect = 'suspend_number' | 'record_opt_out' | 'use_template' | 'use_other_channel' | 'block_template';

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
  | { kind: 'refused'; code: number; verdict: Verdict; effect?: Effect; retryAfterMs?: number; detail: string }
  | { kind: 'not_sent'; reason: string }
  | { kind: 'ambiguous'; reason: string };

export type WhatsApp = {
  send(channel: Channel, message: OutboundMessage, options: SendOptions): Promise<SendOutcome>;
  close(): Promise<void>;
};

export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** What Meta charges for a message, as it says itself. */
export type Pricing = { billable: boolean; category: string; type?: string; model?: string };

/** `messageId` is our own id, echoed by Meta; it is absent when someone else sent the message. */
export type StatusUpdate = {
  messageId?: string;
  providerId: string;
  status: DeliveryStatus;
  at: Date;
  errorCode?: number;
  pricing?: Pricing;
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
  /** `to` is the message that was reacted to; without an emoji the reaction was taken back. */
  reaction?: { emoji: string | null; to: string };
  /** The message this one answers. */
  repliesTo?: string;
  phoneNumberId: string;
};

export type TemplateCategory = 'authentication' | 'utility' | 'marketing';
export type TemplateStatus = 'pending' | 'approved' | 'rejected' | 'paused' | 'disabled';

/** What has changed of a template: its state, or what Meta holds it to be. */
export type TemplateUpdate = {
  providerId: string;
  name: string;
  language: string;
  status?: TemplateStatus;
  reason?: string;
  category?: TemplateCategory;
};

/** A person stopped, or allows again, a business' marketing messages in WhatsApp's own settings. */
export type PreferenceUpdate = { from: string; value: 'stop' | 'resume'; at: Date; phoneNumberId: string };

export type WebhookContent = {
  statuses: StatusUpdate[];
  inbound: InboundMessage[];
  templates: TemplateUpdate[];
  preferences: PreferenceUpdate[];
  unreadable: number;
};

/**
 * Without a `code` Meta could not be reached, or its answer could not be read. `detail` never echoes a token or a body.
 */
export type ManagementResult<T> =
  | { ok: true; value: T }
  | { ok: false; code?: number; verdict?: Verdict; detail: string };

/** `components` are Meta's own JSON, with upper-case types. */
export type TemplateSubmission = {
  name: string;
  language: string;
  category: TemplateCategory;
  components: object[];
};
export type RemoteTemplate = {
  providerId: string;
  name: string;
  language: string;
  category: TemplateCategory;
  status: TemplateStatus;
  components: unknown[];
  reason?: string;
};

/** Calls that are not sends: each may be repeated. None throws. */
export type WhatsAppManagement = {
  checkNumber(channel: Channel): Promise<ManagementResult<{ displayPhoneNumber: string; verifiedName: string | null }>>;
  /** Directs the account's webhooks to `url`, which must echo Meta's challenge. */
  subscribe(account: Account, callback: { url: string; verifyToken: string }): Promise<ManagementResult<undefined>>;
  listTemplates(account: Account): Promise<ManagementResult<RemoteTemplate[]>>;
  submitTemplate(
    account: Account,
    template: TemplateSubmission,
  ): Promise<ManagementResult<{ providerId: string; status: TemplateStatus }>>;
  close(): Promise<void>;
};
