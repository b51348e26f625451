import type { EntityData } from '@mikro-orm/core';
import type { Ctx } from '../../context.ts';
import type { Message } from '../../entities/message.ts';

/**
 * Brings a message that waits, and whose row is locked, up to date. What the provider has asked for at another address
 * does not hold at this one.
 */
export async function rewriteMessage(
  { em }: Ctx,
  message: Message,
  now: EntityData<Message> & { recipient: string },
): Promise<void> {
  em.assign(message, message.recipient === now.recipient ? now : { ...now, notBefore: null });
  await em.flush();
}
