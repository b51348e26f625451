import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { resolveAlerts } from '../alerts/raise.ts';
import { audit } from '../audit.ts';
import { lockConnection } from './get.ts';
import { sealSecret } from './secrets.ts';

/** Takes a connection away and destroys its secrets. What it has booked stays. */
export const removeConnection = (scope: Scope, id: string): Promise<void> =>
  unitOfWork(scope, async (ctx) => {
    const connection = await lockConnection(ctx, id);
    const place = { tenantId: ctx.tenantId, connectionId: id };
    connection.deletedAt = await databaseNow(ctx.em);
    connection.credentials = null;
    connection.verification = sealSecret(ctx.deps, place, 'verification', { secret: '', previous: null });
    await resolveAlerts(ctx, { kind: 'connection_refused', subject: id });
    audit(ctx, 'connection.delete', { type: 'connection', id }, ['deleted_at', 'credentials', 'verification']);
  });
