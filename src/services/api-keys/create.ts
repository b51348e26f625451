import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { ApiKey } from '../../entities/api-key.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { makeApiKey } from './make.ts';

export type CreateApiKey = {
  name: string;
  permissions: string[];
  rateLimit: number;
  expiresAt?: Date | undefined;
  /** Networks that it may be used from; anywhere, if absent. */
  addresses?: string[] | undefined;
};

/** Makes a key. Its text is in this answer and nowhere else: what is stored cannot be turned back into it. */
export function createApiKey(scope: Scope, input: CreateApiKey): Promise<{ apiKey: ApiKey; key: string }> {
  return unitOfWork(scope, async (ctx) => {
    if (input.expiresAt && input.expiresAt <= (await databaseNow(ctx.em))) {
      throw new AppError('invalid_request', 'The key would have expired already.', {
        errors: [{ path: 'expires_at', message: 'must be in the future' }],
      });
    }
    const { apiKey, key } = makeApiKey(ctx, {
      name: input.name,
      permissions: [...new Set(input.permissions)],
      rateLimit: input.rateLimit,
      expiresAt: input.expiresAt ?? null,
      addresses: input.addresses ?? null,
    });
    audit(ctx, 'api_key.create', { type: 'api_key', id: apiKey.id }, ['name', 'permissions', 'rate_limit']);
    await ctx.em.flush();
    return { apiKey, key };
  });
}
