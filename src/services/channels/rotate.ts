import { LockMode } from '@mikro-orm/core';
import { Channel } from '../../entities/channel.ts';
import { openSecret, sealSecret } from '../messages/channel.ts';
import { ROTATION_BATCH, rotateTenants, staleUnder, type RotationDeps } from '../rotation.ts';

/**
 * Seals the secrets of every channel anew that are not under the key `kid`, which is the first of the ring. Removed
 * channels too: a key may go once nothing is left under it. Answers how many channels it changed.
 */
export const rotateKeys = (deps: RotationDeps, kid: string): Promise<number> =>
  rotateTenants(deps, 'tenants_with_channels', async (em, tenantId) => {
    const options = { lockMode: LockMode.PESSIMISTIC_WRITE, limit: ROTATION_BATCH, orderBy: { id: 'asc' } } as const;
    const channels = await em.find(Channel, staleUnder(kid), options);
    for (const channel of channels) {
      const place = { tenantId, channelId: channel.id };
      const part = channel.type === 'email' ? 'login' : 'credentials';
      channel.credentials = sealSecret(deps, place, part, openSecret(deps, place, part, channel.credentials));
      if (!channel.verification) continue;
      const verification = openSecret(deps, place, 'verification', channel.verification);
      channel.verification = sealSecret(deps, place, 'verification', verification);
    }
    return channels.length;
  });
