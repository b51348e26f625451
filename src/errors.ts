/** HTTP status of each public error code. A code, once published, keeps its meaning. */
export const errorStatus = {
  malformed_request: 400,
  unauthenticated: 401,
  plan_limit_exceeded: 402,
  forbidden: 403,
  tenant_mismatch: 403,
  address_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  no_channel: 409,
  no_connection: 409,
  nothing_due: 409,
  channel_exists: 409,
  channel_paused: 409,
  template_exists: 409,
  contact_exists: 409,
  slug_taken: 409,
  domain_taken: 409,
  otp_not_pending: 409,
  not_pausable: 409,
  api_key_not_active: 409,
  already_member: 409,
  last_owner: 409,
  tenant_not_deleted: 409,
  restore_too_late: 409,
  flow_ended: 409,
  nothing_planned: 409,
  control_not_available: 409,
  invoice_exists: 409,
  invoice_closed: 409,
  invoice_not_open: 409,
  payment_reference_used: 409,
  reminder_not_pending: 409,
  idempotency_key_in_use: 409,
  tenant_purged: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  invalid_request: 422,
  idempotency_key_reused: 422,
  unknown_contact: 422,
  contact_erased: 422,
  not_opted_in: 422,
  opted_out: 422,
  unknown_template: 422,
  template_not_approved: 422,
  template_rule: 422,
  unknown_placeholder: 422,
  outside_service_window: 422,
  channel_refused: 422,
  connection_refused: 422,
  provider_refused: 422,
  payment_link_unavailable: 422,
  invalid_file: 422,
  invoice_without_contact: 422,
  too_many_reminders: 422,
  too_many_tenants: 422,
  duplicate_reminder: 422,
  refund_too_large: 422,
  rate_limited: 429,
  otp_resend_too_early: 429,
  otp_locked: 429,
  otp_budget_exceeded: 429,
  internal_error: 500,
  unavailable: 503,
  provider_unavailable: 503,
  overloaded: 503,
} as const;

export type ErrorCode = keyof typeof errorStatus;
export type FieldError = { path: string; message: string };

/** An error that a caller may see: `code` is stable, `message` is public, `cause` stays in the log. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { errors?: FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return errorStatus[this.code];
  }
}

/** The same answer for what does not exist and for what belongs to another tenant. */
export const notFound = (what: string) => new AppError('not_found', `There is no such ${what}.`);

/** Of a request whose fields are well-formed, and say what cannot be: each with its path and what is wrong with it. */
export const invalidFields = (errors: FieldError[]): AppError =>
  new AppError('invalid_request', 'Some fields are not valid.', { errors });

export const invalidField = (path: string, message: string): AppError => invalidFields([{ path, message }]);
