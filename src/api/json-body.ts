import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { AppError } from '../errors.ts';
import { faultOfJson } from './exact-json.ts';

const MAX_DEPTH = 20;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** The bytes of a request, as they came: what signatures are checked over. */
export async function readRawBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  try {
    return await getRawBody(request, { limit: limitBytes, length: request.headers['content-length'] ?? null });
  } catch (error) {
    const { type } = error as { type?: string };
    if (type === 'entity.too.large') {
      // Unread, the rest would keep the connection from its next request. The server's time limit bounds it.
      request.resume();
      throw new AppError('payload_too_large', `The body may have at most ${limitBytes} bytes.`);
    }
    throw new AppError('malformed_request', 'The body did not arrive whole.', { cause: error });
  }
}

/** The JSON of a request. */
export async function readJsonBody(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new AppError('unsupported_media_type', 'The body must be application/json.');
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new AppError('unsupported_media_type', 'The body must not be compressed.');
  }
  const bytes = await readRawBody(request, limitBytes);
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new AppError('malformed_request', 'The body is not valid JSON in UTF-8.');
  }
  const fault = faultOfJson(text);
  if (fault !== undefined) throw new AppError('malformed_request', `The body ${fault}`);
  refuseOdd('body', value);
  return value;
}

/** Refuses what Postgres could not store, and what no client sends in good faith. */
export function refuseOdd(where: 'body' | 'query', value: unknown, depth = 0): void {
  const refuse = (why: string) => new AppError('malformed_request', `The ${where} ${why}`);
  if (depth > MAX_DEPTH) throw refuse(`is nested deeper than ${MAX_DEPTH} levels.`);
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) throw refuse('has text that is not well-formed Unicode.');
  } else if (Array.isArray(value)) {
    for (const item of value) refuseOdd(where, item, depth + 1);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      if (forbiddenKeys.has(key)) throw refuse('has a key that is not allowed.');
      refuseOdd(where, key, depth);
      refuseOdd(where, item, depth + 1);
    }
  }
}
