import { unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { enqueue } from '../outbox.ts';
import { endingOf } from './ending.ts';
import { getOtp } from './get.ts';
import type { OtpView } from './view.ts';

/** Ends a pending passcode: from the commit on its code is worth nothing. */
export async function cancelOtp(scope: Scope, id: string): Promise<OtpView> {
  const cancelled = await unitOfWork(scope, (ctx) => endPasscode(ctx, id));
  const view = await getOtp(scope, id);
  if (!cancelled) throw new AppError('otp_not_pending', 'The passcode has already ended.');
  return view;
}

/** The same in the caller's transaction; `false` when it has ended already. */
export async function endPasscode(ctx: Ctx, id: string): Promise<boolean> {
  const rows = await ctx.em.execute<{ id: string }[]>(
    `with cancelled as (
        update app.otps set status = 'cancelled', settled_at = clock_timestamp()
        where id = ? and status = 'pending' and expires_at > clock_timestamp()
        returning id, status as outcome
      ), ${endingOf('cancelled')}
      select id from cancelled`,
    [id],
  );
  if (rows.length === 0) return false;
  audit(ctx, 'otp.cancelled', { type: 'otp', id }, ['status']);
  await ctx.em.flush();
  await enqueue(ctx, { operation: 'signal', kind: 'otp', flowId: id, signal: 'otpCancelled', args: {} });
  return true;
}
