import { z } from 'zod';

/** Parts of a second are taken too. */
const seconds = z.coerce.number().positive().max(3_600);

export const httpSettings = {
  HTTP_HEADERS_SECONDS: seconds.default(10),
  HTTP_REQUEST_SECONDS: seconds.default(30),
  HTTP_ANSWER_SECONDS: seconds.default(30),
  HTTP_IDLE_SECONDS: seconds.default(65),
  HTTP_MAX_CONNECTIONS: z.coerce.number().int().positive().default(2_000),
};

type Settings = z.infer<z.ZodObject<typeof httpSettings>>;

/** How much of a server one client may hold, and for how long. */
export type HttpLimits = {
  headersMs: number;
  /** Headers and body together. */
  requestMs: number;
  /** On top of `requestMs`: for the handler and until the client has read the answer. */
  answerMs: number;
  idleMs: number;
  maxConnections: number;
};

/** Throws an Error that names the setting when what they say together cannot be. */
export function httpLimits(settings: Settings): HttpLimits {
  if (settings.HTTP_HEADERS_SECONDS > settings.HTTP_REQUEST_SECONDS) {
    throw new Error('HTTP_HEADERS_SECONDS: must not be more than HTTP_REQUEST_SECONDS, of which they are a part');
  }
  return {
    headersMs: Math.ceil(settings.HTTP_HEADERS_SECONDS * 1_000),
    requestMs: Math.ceil(settings.HTTP_REQUEST_SECONDS * 1_000),
    answerMs: Math.ceil(settings.HTTP_ANSWER_SECONDS * 1_000),
    idleMs: Math.ceil(settings.HTTP_IDLE_SECONDS * 1_000),
    maxConnections: settings.HTTP_MAX_CONNECTIONS,
  };
}
