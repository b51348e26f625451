import cors from '@koa/cors';
import type { Middleware } from 'koa';

/** What a page of another origin may read beside the body. */
const exposed = ['Idempotency-Replayed', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'];

/**
 * Lets pages of these origins call the API with a user's token. Without any, no page of another origin may: an API key
 * belongs on a server.
 */
export function crossOrigin(origins: readonly string[]): Middleware {
  const allowed = new Set(origins);
  return cors({
    // An empty answer means no header at all, which every browser takes for a no.
    origin: ({ request }) => (allowed.has(request.get('Origin')) ? request.get('Origin') : ''),
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Tenant-ID'],
    exposeHeaders: exposed,
    maxAge: 600,
    keepHeadersOnError: true,
  });
}
