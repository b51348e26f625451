import { unitOfWork, type Scope } from '../../context.ts';
import { raiseAlert } from '../alerts/raise.ts';
import { lockConnection } from './get.ts';

/** The platform does not take the access token any more: a person hears of it, and has to give another. */
export const noteRefusal = (scope: Scope, id: string): Promise<void> =>
  unitOfWork(scope, async (ctx) => {
    const connection = await lockConnection(ctx, id);
    connection.status = 'refused';
    const detail = 'Stripe does not accept the access token of the connection: give it a new one.';
    await raiseAlert(ctx, { kind: 'connection_refused', subject: id, detail });
  });
