import { env } from 'node:process';
import { checkPublished } from './published.ts';

/** What a test reads out of an answer; a wrong guess fails its expectation. */
// oxlint-disable-next-line typescript/no-explicit-any -- answers are read by tests only, each with its own shape
export type Json = any;

export type Answer = { status: number; headers: Headers; body: Json; text: string };
export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

const inTest = env['JEST_WORKER_ID'] !== undefined;

/**
 * One caller of an HTTP server, with the headers that it always sends. In a test, an answer of the API that its
 * OpenAPI document does not promise is an error.
 */
export const createCaller =
  (baseUrl: string, always: Record<string, string> = {}): Call =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...always, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status, headers: received } = response;
    if (inTest && path.startsWith('/api/v1/')) checkPublished(method, path, { status, headers: received, text });
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status,
      headers: received,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  };
