import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { ApiKey } from '../../entities/api-key.ts';
import { apiKeyMac, generateApiKey } from '../../security/api-key.ts';

type Fields = Pick<ApiKey, 'name' | 'permissions' | 'rateLimit' | 'expiresAt' | 'addresses'> & { limitId?: string };

/** The row of a new key, and its text, of which only a MAC is kept. */
export function makeApiKey(ctx: Ctx, fields: Fields): { apiKey: ApiKey; key: string } {
  const { key, ...parts } = generateApiKey();
  const apiKey = ctx.em.create(ApiKey, {
    ...fields,
    id: randomUUIDv7(),
    keyId: parts.keyId,
    mac: apiKeyMac(ctx.deps.config.security.apiKeySalt, parts),
  });
  return { apiKey, key };
}
