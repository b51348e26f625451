export { otp } from './otp.ts';
export { reconcile } from './reconcile.ts';
