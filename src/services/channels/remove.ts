import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { sealSecret } from '../messages/channel.ts';
import { channelAlerts, lockChannel } from './state.ts';
import { wakeWaiting } from './wake.ts';

/** Takes a channel away and destroys its credentials. Its messages stay in the ledger; those that wait end. */
export const removeChannel = (scope: Scope, id: string): Promise<void> =>
  unitOfWork(scope, async (ctx) => {
    const channel = await lockChannel(ctx, id);
    const place = { tenantId: ctx.tenantId, channelId: id };
    channel.deletedAt = await databaseNow(ctx.em);
    if (channel.type === 'email') {
      channel.credentials = sealSecret(ctx.deps, place, 'login', {});
    } else {
      channel.credentials = sealSecret(ctx.deps, place, 'credentials', { access_token: '' });
      channel.verification = sealSecret(ctx.deps, place, 'verification', { app_secret: '', verify_token: '' });
    }
    await ctx.em.flush();
    await wakeWaiting(ctx, 'removedChannel', id);
    await resolveAlerts(ctx, { kind: channelAlerts, subject: id });
    audit(ctx, 'channel.delete', { type: 'channel', id }, ['deleted_at', 'credentials', 'verification']);
  });
