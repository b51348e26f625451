import type { components } from './schema.ts';

export type Problem = components['schemas']['Problem'];
export type ErrorCode = Problem['code'];

/** What the API refused, and why: `code` is for programs, `message` for people. */
export class CarillonError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  /** By which the operators of the API find the request. */
  readonly requestId: string;
  /** Each field that is not valid. */
  readonly errors: { path: string; message: string }[];

  constructor({ status, code, detail, request_id, errors = [] }: Problem) {
    super(detail);
    this.name = 'CarillonError';
    this.status = status;
    this.code = code;
    this.requestId = request_id;
    this.errors = errors;
  }
}

/** The body of a successful answer; throws a `CarillonError` for any other. */
export async function answer<R extends { data?: unknown; error?: unknown; response: Response }>(
  asked: Promise<R>,
): Promise<NonNullable<R['data']>> {
  const { data, error, response } = await asked;
  if (response.ok) return data as NonNullable<R['data']>;
  if (isProblem(error)) throw new CarillonError(error);
  // Whoever stands between us and the API has answered in its place.
  throw new Error(`${response.url} answered ${response.status} ${response.statusText}`);
}

const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && 'code' in error && 'request_id' in error;
