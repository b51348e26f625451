import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';
import { readRawBody } from './json-body.ts';

/** A file that is sent as the body of a request, in UTF-8 if it is text. */
export function readFileBody(
  request: IncomingMessage,
  { type, limitBytes }: { type: string; limitBytes: number },
): Promise<Buffer> {
  const [said = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (said.trim() !== type) throw new AppError('unsupported_media_type', `The body must be ${type}.`);
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='));
  if (charset && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new AppError('unsupported_media_type', 'The body must be in UTF-8.');
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new AppError('unsupported_media_type', 'The body must not be compressed.');
  }
  return readRawBody(request, limitBytes);
}
