import type { Channel as WhatsAppChannel } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import type { Sealed } from '../../entities/channel.ts';

/** What opens a channel, and what its webhooks are checked by: sealed apart, since only the latter is read first. */
type Secrets = {
  credentials: { access_token: string };
  verification: { app_secret: string; verify_token: string };
  /** Of a mail server, which stands where others have their credentials; without a name nobody signs in. */
  login: { username?: string | undefined; password?: string | undefined };
};

type Place = { tenantId: number; channelId: string };

/** Seals one part of a channel's secrets for its own row and column: moved elsewhere, it does not open. */
export const sealSecret = <Part extends keyof Secrets>(
  { keyRing }: Pick<Deps, 'keyRing'>,
  place: Place,
  part: Part,
  secret: Secrets[Part],
): Sealed => keyRing.seal(nameOf(place, part), JSON.stringify(secret));

export const openSecret = <Part extends keyof Secrets>(
  { keyRing }: Pick<Deps, 'keyRing'>,
  place: Place,
  part: Part,
  sealed: Sealed,
): Secrets[Part] => JSON.parse(keyRing.open(nameOf(place, part), sealed)) as Secrets[Part];

const nameOf = ({ tenantId, channelId }: Place, part: string): string => `${tenantId}/channels/${part}/${channelId}`;

/** What the adapter needs to send from a channel. A sandbox channel differs in its address, and in nothing else. */
export function openChannel(
  deps: Pick<Deps, 'keyRing' | 'config'>,
  tenantId: number,
  channel: { id: string; sandbox: boolean; phoneNumberId: string; credentials: Sealed },
): WhatsAppChannel {
  const { whatsapp, sandbox } = deps.config;
  const place = { tenantId, channelId: channel.id };
  return {
    baseUrl: channel.sandbox ? sandbox.url : whatsapp.url,
    version: whatsapp.version,
    phoneNumberId: channel.phoneNumberId,
    accessToken: openSecret(deps, place, 'credentials', channel.credentials).access_token,
  };
}
