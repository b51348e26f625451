import { reader, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Otp } from '../../entities/otp.ts';
import { notFound } from '../../errors.ts';
import { viewOtp, type OtpView } from './view.ts';

export async function getOtp(scope: Scope, id: string): Promise<OtpView> {
  const em = reader(scope);
  const otp = await em.findOne(Otp, { id });
  if (!otp) throw notFound('passcode');
  return viewOtp(otp, otp.expiresAt <= (await databaseNow(em)));
}
