export { importContacts } from './import-contacts.ts';
export { invoice } from './invoice.ts';
export { keyRotation } from './key-rotation.ts';
export { message } from './message.ts';
export { otp } from './otp.ts';
export { purgeTenants } from './purge-tenants.ts';
export { reconcile } from './reconcile.ts';
export { reconcilePayments } from './reconcile-payments.ts';
