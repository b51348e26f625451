import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { readAccessToken } from './credentials.ts';
import { ControlError } from './http.ts';

export type Access = ReturnType<typeof createAccess>;

/**
 * Outside production whoever reaches the loopback port may do everything. In production the controls
 * need the admin token, and a channel's own token opens just the conversations of its number.
 */
export function createAccess({ adminToken, secret }: { adminToken: string | undefined; secret: string }) {
  const isAdmin = (ctx: Context) => adminToken === undefined || same(bearer(ctx), adminToken);
  return {
    isAdmin,
    requireAdmin(ctx: Context) {
      if (!isAdmin(ctx)) throw new ControlError(401, 'unauthenticated', 'The admin token is needed.');
    },
    /** The only number whose messages the caller may see, or undefined for all of them. */
    visibleNumber(ctx: Context): string | undefined {
      if (isAdmin(ctx)) return undefined;
      const channel = readAccessToken(secret, bearer(ctx));
      if (!channel) throw new ControlError(401, 'unauthenticated', "The admin token or the channel's token is needed.");
      return channel.phoneNumberId;
    },
  };
}

export const bearer = (ctx: Context) => ctx.get('authorization').match(/^bearer\s+(\S+)$/i)?.[1] ?? '';

const same = (given: string, expected: string) => timingSafeEqual(digest(given), digest(expected));
const digest = (text: string) => createHash('sha256').update(text).digest();
