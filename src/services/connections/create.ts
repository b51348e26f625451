import { randomUUIDv7 } from 'node:crypto';
import { unitOfWork, type Scope } from '../../context.ts';
import { Connection } from '../../entities/connection.ts';
import { invalidField } from '../../errors.ts';
import { linksUnavailable } from '../alerts/links-unavailable.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { accountOf } from './account.ts';
import { sealSecret } from './secrets.ts';

export const platforms = ['shopify', 'woocommerce', 'stripe'] as const;

export type CreateConnection = {
  platform: (typeof platforms)[number];
  name?: string | undefined;
  /** What its webhooks are signed with. */
  secret: string;
  /** For what we ask of the platform ourselves; without it its webhooks alone are of use. */
  accessToken?: string | undefined;
};

/** Connects an account of the tenant's. The access token is tried first, and both secrets are kept sealed. */
export async function createConnection(scope: Scope, input: CreateConnection): Promise<Connection> {
  const { deps, tenantId } = scope;
  const { platform, secret, accessToken } = input;
  if (platform !== 'stripe') throw notSupported();
  const accountId = accessToken === undefined ? undefined : await accountOf(deps, accessToken);
  const id = randomUUIDv7();
  const place = { tenantId, connectionId: id };
  return unitOfWork(scope, async (ctx) => {
    const connection = ctx.em.create(Connection, {
      id,
      platform,
      name: input.name ?? 'Stripe',
      accountId: accountId ?? null,
      credentials:
        accessToken === undefined ? null : sealSecret(deps, place, 'credentials', { access_token: accessToken }),
      verification: sealSecret(deps, place, 'verification', { secret, previous: null }),
    });
    const fields = ['name', 'verification', ...(accessToken === undefined ? [] : ['credentials', 'account_id'])];
    audit(ctx, 'connection.create', { type: 'connection', id }, fields);
    await ctx.em.flush();
    if (accessToken !== undefined) await resolveAlerts(ctx, linksUnavailable(tenantId));
    return connection;
  });
}

const notSupported = () => invalidField('platform', 'is not supported yet; supported: stripe');
