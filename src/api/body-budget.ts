import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import { readRawBody } from './json-body.ts';

/** A body that says it is this small is held back by the number of connections alone. */
const SMALL_BYTES = 64 * 1024;

/**
 * Reads large bodies of callers who have shown no credentials yet, so many at a time that they cannot take the
 * memory of the process. A body takes its place by what it says of itself: it may never come.
 */
export function createBodyBudget(totalBytes: number) {
  let taken = 0;
  return async (request: IncomingMessage, limitBytes: number): Promise<Buffer> => {
    const declared = Number(request.headers['content-length'] ?? limitBytes);
    const bytes = declared <= SMALL_BYTES ? 0 : Math.min(declared, limitBytes);
    if (taken + bytes > totalBytes) {
      throw new AppError('overloaded', 'Too many large bodies are being read. Try again shortly.', {
        retryAfterSeconds: 5,
      });
    }
    taken += bytes;
    try {
      return await readRawBody(request, limitBytes);
    } finally {
      taken -= bytes;
    }
  };
}
