import type { Account } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import type { Channel } from '../../entities/channel.ts';
import { openChannel } from '../messages/channel.ts';

/** What the adapter needs for the account above a WhatsApp number: its templates and webhooks. */
export function openAccount(
  deps: Pick<Deps, 'keyRing' | 'config'>,
  tenantId: number,
  { phoneNumberId, wabaId, ...channel }: Pick<Channel, 'id' | 'sandbox' | 'phoneNumberId' | 'wabaId' | 'credentials'>,
): Account {
  if (phoneNumberId == null || wabaId == null) throw new Error('The channel is no WhatsApp number');
  return { ...openChannel(deps, tenantId, { ...channel, phoneNumberId }), wabaId };
}
