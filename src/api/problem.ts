import { STATUS_CODES } from 'node:http';
import type { ErrorCode, FieldError } from '../errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

type Problem = { status: number; code: ErrorCode; detail: string; errors?: FieldError[] | undefined };

/** The body of every answer that is an error: RFC 9457. */
export const problemBody = ({ status, code, detail, errors }: Problem, requestId: string): string =>
  JSON.stringify({
    type: `urn:carillon:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    request_id: requestId,
    ...(errors ? { errors } : {}),
  });
