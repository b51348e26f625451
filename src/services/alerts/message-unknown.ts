import type { Ctx } from '../../context.ts';
import { raiseAlert, type AlertInput } from './raise.ts';

/** Of some messages of a channel nobody will hear any more whether they arrived. */
export const messageUnknown = (channelId: string): AlertInput<'message_unknown'> => ({
  kind: 'message_unknown',
  subject: channelId,
  channelId,
  detail: 'Nobody knows whether some messages arrived, and they are not sent again by themselves.',
});

/** Tells a person of these channels, each once. */
export async function raiseUnknown(ctx: Ctx, channelIds: readonly string[]): Promise<void> {
  for (const channelId of new Set(channelIds)) await raiseAlert(ctx, messageUnknown(channelId));
}
