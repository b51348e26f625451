import { LockMode } from '@mikro-orm/core';
import { Connection } from '../../entities/connection.ts';
import { ROTATION_BATCH, rotateTenants, staleUnder, type RotationDeps } from '../rotation.ts';
import { openSecret, sealSecret } from './secrets.ts';

/** Seals the secrets of every connection anew that are not under the key `kid`, as channels' are. */
export const rotateConnectionKeys = (deps: RotationDeps, kid: string): Promise<number> =>
  rotateTenants(deps, 'tenants_with_connections', async (em, tenantId) => {
    const options = { lockMode: LockMode.PESSIMISTIC_WRITE, limit: ROTATION_BATCH, orderBy: { id: 'asc' } } as const;
    const connections = await em.find(Connection, staleUnder(kid), options);
    for (const connection of connections) {
      const place = { tenantId, connectionId: connection.id };
      const verification = openSecret(deps, place, 'verification', connection.verification);
      connection.verification = sealSecret(deps, place, 'verification', verification);
      if (!connection.credentials) continue;
      const credentials = openSecret(deps, place, 'credentials', connection.credentials);
      connection.credentials = sealSecret(deps, place, 'credentials', credentials);
    }
    return connections.length;
  });
