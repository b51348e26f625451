import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Flow } from '../../entities/flow.ts';
import { Otp } from '../../entities/otp.ts';
import { AppError, notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { enqueue } from '../outbox.ts';
import { viewOtp, type OtpView } from './view.ts';

/** Ends a pending passcode: from the commit on its code is worth nothing. */
export function cancelOtp(scope: Scope, id: string): Promise<OtpView> {
  return unitOfWork(scope, async (ctx) => {
    const otp = await ctx.em.findOne(Otp, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!otp) throw notFound('passcode');
    const now = await databaseNow(ctx.em);
    if (otp.status !== 'pending' || otp.expiresAt <= now) {
      throw new AppError('otp_not_pending', 'The passcode has already ended.');
    }
    otp.status = 'cancelled';
    otp.settledAt = now;
    const flow = await ctx.em.findOneOrFail(Flow, { id });
    Object.assign(flow, {
      status: 'cancelled',
      outcome: 'cancelled',
      stage: 'ended',
      nextAction: null,
      nextActionAt: null,
      endedAt: now,
      updatedAt: now,
    });
    audit(ctx, 'otp.cancelled', { type: 'otp', id }, ['status']);
    await ctx.em.flush();
    await enqueue(ctx, { operation: 'signal', kind: 'otp', flowId: id, signal: 'otpCancelled', args: {} });
    return viewOtp(otp, false);
  });
}
