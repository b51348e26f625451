import type { Scope } from '../../context.ts';

/** What stands in place of a phone that is gone: the same for one phone of one tenant, and nobody can undo it. */
export const erasedPhone = ({ deps, tenantId }: Pick<Scope, 'deps' | 'tenantId'>, phone: string): string =>
  `erased:${deps.keyRing.mac('phone', `${tenantId}/${phone}`)}`;

/** The same for the provider's id of a message, which holds the phone. */
export const erasedProviderId = ({ deps }: Pick<Scope, 'deps'>, providerId: string): string =>
  deps.keyRing.mac('provider_id', providerId);
