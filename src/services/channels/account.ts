import type { Account } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import type { Channel } from '../../entities/channel.ts';
import { openChannel } from '../messages/channel.ts';

/** What the adapter needs for the account above a channel: its templates and webhooks. */
export const openAccount = (
  deps: Pick<Deps, 'keyRing' | 'config'>,
  tenantId: number,
  channel: Pick<Channel, 'id' | 'sandbox' | 'phoneNumberId' | 'wabaId' | 'credentials'>,
): Account => ({ ...openChannel(deps, tenantId, channel), wabaId: channel.wabaId });
