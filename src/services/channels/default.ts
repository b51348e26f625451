import type { EntityManager } from '@mikro-orm/postgresql';
import { Channel } from '../../entities/channel.ts';
import { AppError, notFound } from '../../errors.ts';

/**
 * The channel that a tenant sends from when nobody names one: its newest number that may send. When all of them are
 * paused it is a paused one, whose messages wait: a sandbox in its place would swallow them.
 */
export async function defaultChannel(em: EntityManager): Promise<Channel> {
  const order = { sandbox: 'asc', status: 'asc', id: 'desc' } as const;
  const channel = await em.findOne(Channel, { deletedAt: null }, { orderBy: order });
  if (!channel) throw new AppError('no_channel', 'The tenant has no channel.');
  return channel;
}

/** The channel that is named, or else the one to send from. */
export async function chosenChannel(em: EntityManager, id: string | undefined): Promise<Channel> {
  return id === undefined ? defaultChannel(em) : livingChannel(em, id);
}

export async function livingChannel(em: EntityManager, id: string): Promise<Channel> {
  const channel = await em.findOne(Channel, { id, deletedAt: null });
  if (!channel) throw notFound('channel');
  return channel;
}
