import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Channel } from '../../entities/channel.ts';
import { notFound } from '../../errors.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { submitTemplatesSoon } from '../templates/submit.ts';
import { wakeWaiting } from './wake.ts';

/** Holds everything that would leave from a channel. One that the provider has stopped keeps the provider's reason. */
export const pauseChannel = (scope: Scope, id: string, reason: string): Promise<Channel> =>
  unitOfWork(scope, async (ctx) => {
    const channel = await lockChannel(ctx, id);
    if (channel.status === 'paused') return channel;
    const now = await databaseNow(ctx.em);
    Object.assign(channel, { status: 'paused', pauseReason: reason, pauseCode: null, pausedAt: now, updatedAt: now });
    audit(ctx, 'channel.pause', { type: 'channel', id }, ['status']);
    return channel;
  });

/** Lets a channel send again, whoever paused it: what it held goes on. */
export async function resumeChannel(scope: Scope, id: string): Promise<Channel> {
  const channel = await unitOfWork(scope, async (ctx) => {
    const found = await lockChannel(ctx, id);
    if (found.status === 'active') return found;
    await activate(ctx, found);
    audit(ctx, 'channel.resume', { type: 'channel', id }, ['status']);
    return found;
  });
  submitTemplatesSoon(scope);
  return channel;
}

/** What is open about a channel until it sends again. */
export const channelAlerts = ['channel_reauthorise', 'channel_stopped'] as const;

export async function activate(ctx: Ctx, channel: Channel): Promise<void> {
  const updatedAt = await databaseNow(ctx.em);
  Object.assign(channel, { status: 'active', pauseReason: null, pauseCode: null, pausedAt: null, updatedAt });
  await resolveAlerts(ctx, { kind: channelAlerts, subject: channel.id });
  await ctx.em.flush();
  await wakeWaiting(ctx, 'channel', channel.id);
}

export async function lockChannel({ em }: Ctx, id: string): Promise<Channel> {
  const channel = await em.findOne(Channel, { id, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!channel) throw notFound('channel');
  return channel;
}
