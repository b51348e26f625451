import { randomBytes } from 'node:crypto';

type MetaErrorOptions = { details?: string; subcode?: number; forUser?: { title: string; message: string } };

/** An answer in Meta's error format. */
export class MetaError extends Error {
  readonly status: number;
  readonly code: number;
  readonly details: string | undefined;
  readonly subcode: number | undefined;
  readonly forUser: { title: string; message: string } | undefined;

  constructor(status: number, code: number, message: string, options: MetaErrorOptions = {}) {
    super(options.forUser ? message : `(#${code}) ${message}`);
    this.name = 'MetaError';
    this.status = status;
    this.code = code;
    this.details = options.details;
    this.subcode = options.subcode;
    this.forUser = options.forUser;
  }

  get body() {
    return {
      error: {
        message: this.message,
        type: 'OAuthException',
        code: this.code,
        ...(this.subcode !== undefined && { error_subcode: this.subcode }),
        ...(this.details !== undefined && { error_data: { messaging_product: 'whatsapp', details: this.details } }),
        ...(this.forUser && {
          is_transient: false,
          error_user_title: this.forUser.title,
          error_user_msg: this.forUser.message,
        }),
        fbtrace_id: `A${randomBytes(9).toString('base64url')}`,
      },
    };
  }
}

export const invalidToken = () => new MetaError(401, 190, 'Invalid OAuth access token - Cannot parse access token');
export const missingParameter = (details: string) =>
  new MetaError(400, 131008, 'Required parameter is missing', { details });
export const invalidValue = (details: string) =>
  new MetaError(400, 131009, 'Parameter value is not valid', { details });
export const invalidParameter = (details: string) => new MetaError(400, 100, 'Invalid parameter', { details });
export const unknownObject = (id: string) =>
  new MetaError(
    400,
    100,
    `Unsupported post request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    { subcode: 33 },
  );

export const expiredToken = () =>
  new MetaError(401, 190, 'Error validating access token: Session has expired', { subcode: 463 });
/** What Meta's form for templates answers: the reason stands where a person reads it. */
export const formError = (subcode: number | undefined, title: string, message: string) =>
  new MetaError(400, 100, 'Invalid parameter', {
    ...(subcode !== undefined && { subcode }),
    forUser: { title, message },
  });
