import { isIP } from 'node:net';
import type { Middleware } from 'koa';

/**
 * Has `koa.ip` be the client's address where so many proxies of ours stand before us. Each of them adds whom it was
 * called by to the end of X-Forwarded-For, so the client is that many entries from the end, and what it wrote there
 * itself stands before that and does not count. Where there is no such entry, the connection's own address stays.
 */
export const clientAddress =
  (hops: number): Middleware =>
  async (koa, next) => {
    if (hops > 0) {
      const address = addressIn(koa.get('X-Forwarded-For').split(',').at(-hops) ?? '');
      if (address !== undefined) koa.request.ip = address;
    }
    await next();
  };

/** Some proxies add the port, and put brackets around an IPv6 address. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim();
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) > 0 ? bare : undefined;
}
