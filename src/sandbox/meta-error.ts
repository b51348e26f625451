import { randomBytes } from 'node:crypto';

/** An answer in Meta's error format. */
export class MetaError extends Error {
  readonly status: number;
  readonly code: number;
  readonly details: string | undefined;
  readonly subcode: number | undefined;

  constructor(status: number, code: number, message: string, options: { details?: string; subcode?: number } = {}) {
    super(`(#${code}) ${message}`);
    this.name = 'MetaError';
    this.status = status;
    this.code = code;
    this.details = options.details;
    this.subcode = options.subcode;
  }

  get body() {
    return {
      error: {
        message: this.message,
        type: 'OAuthException',
        code: this.code,
        ...(this.subcode !== undefined && { error_subcode: this.subcode }),
        ...(this.details !== undefined && { error_data: { messaging_product: 'whatsapp', details: this.details } }),
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
