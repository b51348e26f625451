import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import type { Connection } from '../../entities/connection.ts';
import { linksUnavailable } from '../alerts/links-unavailable.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { accountOf } from './account.ts';
import { getConnection, lockConnection } from './get.ts';
import { openSecret, sealSecret } from './secrets.ts';

export type RotateSecret = {
  secret?: string | undefined;
  accessToken?: string | undefined;
  /** How long webhooks that are signed with the secret of before are still taken. */
  overlapSeconds: number;
};

/** Replaces the secret of the webhooks, the access token, or both. A token that the platform takes ends its refusal. */
export async function rotateConnectionSecret(scope: Scope, id: string, input: RotateSecret): Promise<Connection> {
  const { deps, tenantId } = scope;
  const { secret, accessToken, overlapSeconds } = input;
  await getConnection(scope, id);
  const accountId = accessToken === undefined ? undefined : await accountOf(deps, accessToken);
  const place = { tenantId, connectionId: id };
  return unitOfWork(scope, async (ctx) => {
    const connection = await lockConnection(ctx, id);
    const now = await databaseNow(ctx.em);
    if (secret !== undefined) {
      const before = openSecret(deps, place, 'verification', connection.verification).secret;
      // The same one again, as after an answer that got lost, must not end the overlap.
      if (before !== secret) {
        const previous = overlapSeconds > 0 ? before : null;
        connection.verification = sealSecret(deps, place, 'verification', { secret, previous });
        connection.previousUntil = previous === null ? null : new Date(now.getTime() + overlapSeconds * 1000);
      }
    }
    if (accessToken !== undefined) {
      connection.credentials = sealSecret(deps, place, 'credentials', { access_token: accessToken });
      connection.accountId = accountId ?? connection.accountId ?? null;
      connection.status = 'active';
      await resolveAlerts(ctx, { kind: 'connection_refused', subject: id });
      await resolveAlerts(ctx, linksUnavailable(tenantId));
    }
    connection.updatedAt = now;
    audit(ctx, 'connection.rotate_secret', { type: 'connection', id }, [
      ...(secret === undefined ? [] : ['verification']),
      ...(accessToken === undefined ? [] : ['credentials']),
    ]);
    await ctx.em.flush();
    return connection;
  });
}
