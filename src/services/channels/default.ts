import type { EntityManager } from '@mikro-orm/postgresql';
import { Channel } from '../../entities/channel.ts';
import { AppError, notFound } from '../../errors.ts';

const order = { sandbox: 'asc', status: 'asc', id: 'desc' } as const;

/**
 * The channel that a tenant sends WhatsApp from when nobody names one: its newest number that may send. When all of them are
 * paused it is a paused one, whose messages wait: a sandbox in its place would swallow them.
 */
export async function defaultChannel(em: EntityManager): Promise<Channel> {
  const channel = await em.findOne(Channel, { type: 'whatsapp', deletedAt: null }, { orderBy: order });
  if (!channel) throw new AppError('no_channel', 'The tenant has no channel.');
  return channel;
}

/** The same for mail, or nothing: not every tenant has any. */
export const mailChannel = (em: EntityManager): Promise<Channel | null> =>
  em.findOne(Channel, { type: 'email', deletedAt: null }, { orderBy: order });

/** The number that is named, or else the one to send from. */
export async function chosenChannel(em: EntityManager, id: string | undefined): Promise<Channel> {
  return id === undefined ? defaultChannel(em) : livingNumber(em, id);
}

export async function livingNumber(em: EntityManager, id: string): Promise<Channel> {
  const channel = await em.findOne(Channel, { id, type: 'whatsapp', deletedAt: null });
  if (!channel) throw notFound('channel');
  return channel;
}

export async function livingChannel(em: EntityManager, id: string): Promise<Channel> {
  const channel = await em.findOne(Channel, { id, deletedAt: null });
  if (!channel) throw notFound('channel');
  return channel;
}
