import type { Deps } from '../../context.ts';
import { findWebhookChannel, type WebhookChannel } from '../channels/webhook.ts';

const KEEP_MS = 10_000;
const MAX_KEPT = 1_000;

/**
 * Channels by the id in a webhook's path. Three webhooks come for each message, so what their signatures are checked
 * by is kept for a moment; one that does not fit is checked once more against what stands in the row now.
 */
export function createWebhookChannels(deps: Deps) {
  const kept = new Map<string, { channel: WebhookChannel; until: number }>();

  const read = async (channelId: string): Promise<WebhookChannel | undefined> => {
    kept.delete(channelId);
    const channel = await findWebhookChannel(deps, channelId);
    if (!channel) return undefined;
    for (const oldest of kept.keys()) {
      if (kept.size < MAX_KEPT) break;
      kept.delete(oldest);
    }
    kept.set(channelId, { channel, until: performance.now() + KEEP_MS });
    return channel;
  };

  return {
    async find(channelId: string): Promise<WebhookChannel | undefined> {
      const found = kept.get(channelId);
      return found && found.until > performance.now() ? found.channel : read(channelId);
    },
    /** The channel, if it fits: as it is known, or else as it stands by now. */
    async fitting(
      channel: WebhookChannel,
      channelId: string,
      fits: (candidate: WebhookChannel) => boolean,
    ): Promise<WebhookChannel | undefined> {
      if (fits(channel)) return channel;
      const renewed = await read(channelId);
      return renewed && renewed.appSecret !== channel.appSecret && fits(renewed) ? renewed : undefined;
    },
  };
}
