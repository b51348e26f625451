import { checkPublished } from '../harness/published.ts';
import type { HostileClass } from './hostile-class.ts';
import type { Heard } from './hostile-send.ts';
import type { Site } from './hostile-site.ts';

/** What would tell a stranger how we are made. */
const inside =
  /node_modules|\.ts:\d+|at (?:async )?\w+ \(|select \*|relation "|column "|syntax error|ECONNREFUSED|app\.\w+_/;

/** What is wrong with an answer to something hostile: nothing, where it is a refusal that says so well. */
export function faultOf(
  { status, headers, text }: Heard,
  asked: { site: Site; method: string; path: string; by: string; way: HostileClass },
): string | undefined {
  const { site, method, path, by, way } = asked;
  // Whom we call in turn may be away, which is documented, and no fault of ours.
  if (status >= 500 && !text.includes('"provider_unavailable"')) return `is ${status}`;
  if (headers.has('x-injected')) return 'has a header of the caller';
  if (status >= 400 && inside.test(text)) return 'tells of the inside';
  if (status < 400 && method !== 'OPTIONS') {
    if (way.never) return `takes it, with ${status}`;
    if (by === 'nobody' && !site.open && path.startsWith(site.path)) return `lets nobody in, with ${status}`;
  }
  if (path.startsWith('/api/v1/')) {
    try {
      checkPublished(method, path, { status, headers, text });
    } catch (error) {
      return `is not published: ${(error as Error).message.split('\n')[0]}`;
    }
  }
  if (status < 400 || method === 'HEAD') return undefined;
  const type = headers.get('content-type')?.split(';')[0];
  if (type === 'text/html' && /^GET \/pay|\/unsubscribe/.test(site.name)) return undefined;
  if (site.name === 'GET /readyz') return undefined;
  if (type !== 'application/problem+json') return `is ${status} as ${type}`;
  return JSON.parse(text).request_id === headers.get('x-request-id') ? undefined : 'has no request id';
}

/** The same of bytes whose answer may not even be about the site. */
export function faultOfRaw({ status, text }: Heard): string | undefined {
  if (status >= 500) return `is ${status}`;
  return status >= 400 && !/"request_id"|<!doctype html>/.test(text) ? `is ${status} without saying why` : undefined;
}
