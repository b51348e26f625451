import type { EntityManager } from '@mikro-orm/postgresql';
import type { Sealed } from '../../entities/channel.ts';
import { Connection } from '../../entities/connection.ts';

/** What charges customers: the newest that has an access token, and that the provider takes. */
export async function payingConnection(
  em: EntityManager,
): Promise<{ id: string; credentials: Sealed; status: Connection['status'] } | undefined> {
  const where = { platform: 'stripe', deletedAt: null, credentials: { $ne: null } } as const;
  const connection = await em.findOne(Connection, where, { orderBy: { status: 'asc', id: 'desc' } });
  const { id, credentials, status } = connection ?? {};
  return id && credentials && status ? { id, credentials, status } : undefined;
}

/** Whether customers can be charged now, as far as is known without asking the provider. */
export const canCharge = async (em: EntityManager): Promise<boolean> =>
  (await payingConnection(em))?.status === 'active';
