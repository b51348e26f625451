import type { Channel as WhatsAppChannel } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import type { Sealed } from '../../entities/channel.ts';

export type ChannelCredentials = { access_token: string; app_secret: string; verify_token: string };

/** Where a channel's sealed credentials belong; a value moved to another row does not open. */
export const credentialsPlace = (tenantId: number, channelId: string): string =>
  `${tenantId}/channels/credentials/${channelId}`;

export function openCredentials(
  { keyRing }: Pick<Deps, 'keyRing'>,
  tenantId: number,
  channel: { id: string; credentials: Sealed },
): ChannelCredentials {
  return JSON.parse(keyRing.open(credentialsPlace(tenantId, channel.id), channel.credentials)) as ChannelCredentials;
}

/** What the adapter needs to send from a channel. A sandbox channel differs in its address, and in nothing else. */
export function openChannel(
  deps: Pick<Deps, 'keyRing' | 'config'>,
  tenantId: number,
  channel: { id: string; sandbox: boolean; phoneNumberId: string; credentials: Sealed },
): WhatsAppChannel {
  const { whatsapp, sandbox } = deps.config;
  return {
    baseUrl: channel.sandbox ? sandbox.url : whatsapp.url,
    version: whatsapp.version,
    phoneNumberId: channel.phoneNumberId,
    accessToken: openCredentials(deps, tenantId, channel).access_token,
  };
}
