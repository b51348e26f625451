import type { Ctx } from '../../../context.ts';
import { audit } from '../../audit.ts';
import { endingOf } from '../../otp/ending.ts';
import { enqueue } from '../../outbox.ts';
import { erasedPhone } from '../erased.ts';
import { anyOf } from './phones.ts';

/** Ends the passcodes that the phones still wait for, and takes the phones out of all of them. */
export async function erasePasscodes(ctx: Ctx, phones: string[]): Promise<void> {
  const pending = await ctx.em.execute<{ id: string }[]>(
    `with cancelled as (
       update app.otps set status = 'cancelled', settled_at = clock_timestamp()
       where phone = ${anyOf} and status = 'pending'
       returning id, status as outcome
     ), ${endingOf('cancelled')}
     select id from cancelled`,
    [JSON.stringify(phones)],
  );
  for (const { id } of pending) {
    audit(ctx, 'otp.cancelled', { type: 'otp', id }, ['status']);
    await ctx.em.flush();
    await enqueue(ctx, { operation: 'signal', kind: 'otp', flowId: id, signal: 'otpCancelled', args: {} });
  }
  for (const phone of phones) {
    await ctx.em.execute('update app.otps set phone = ? where phone = ?', [erasedPhone(ctx, phone), phone]);
  }
}

/** The pace of the phones. A sender holds its message before it takes a place, so messages come first here too. */
export async function erasePace(ctx: Ctx, phones: string[]): Promise<void> {
  for (const phone of phones)
    await ctx.em.execute('delete from app.send_buckets where right(id, ?) = ?', [phone.length + 1, `/${phone}`]);
}
