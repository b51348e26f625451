import { expect, test } from '@jest/globals';
import { routes } from '../../src/api/app.ts';

/** What a repeat without a key does, of the only POSTs that take none. */
const withoutKey: Record<string, string> = {
  signUp: 'an address has one user: nothing changes, and the answer is the same',
  login: 'opens another session; its answer would be kept as what opens the first one',
  refresh: 'the same token gives the same successor for some seconds',
  logout: 'ends what has ended',
  changePassword: 'finds another password; its answer would be kept as what opens a session',
  offerPasswordReset: 'gives another token, and the one before it ends',
  resetPassword: 'a token counts once, and signing in tells whether it did',
  restoreTenant: 'is told that the tenant is not deleted',
  verifyOtp: 'a code counts once, and who has lost the answer asks for the passcode itself',
  cancelOtp: 'is told that the passcode is over',
  eraseContact: 'removes what a request at the same time has left',
  promiseToPay: 'the same date changes nothing',
  voidInvoice: 'the invoice is void already',
  giveUpInvoice: 'the invoice is given up already',
  skipReminder: 'the reminder is skipped already',
  cancelMessage: 'the message is cancelled already',
  pauseChannel: 'the channel is paused already',
  resumeChannel: 'the channel is active already',
  rotateConnectionSecret: 'the same secret does not end the overlap',
  syncTemplates: 'asks the provider again',
  resolveAlert: 'the alert is resolved already',
  pauseFlow: 'the flow is paused already',
  resumeFlow: 'the flow runs already',
  skipNext: 'an item that is named is skipped already',
  runNow: 'an item that is named has been moved to now already',
  rescheduleNext: 'an item that is named stands there already',
  cancelFlow: 'the flow has ended',
};

test('every POST takes an Idempotency-Key, but those whose repeat does no harm without one', () => {
  const others = routes.filter(({ method, idempotent }) => method === 'post' && !idempotent);
  expect(others.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(withoutKey).toSorted());
});

test('no open route takes one: there is nobody to whom a key could belong', () => {
  expect(routes.filter(({ access, idempotent }) => access.kind === 'open' && idempotent)).toEqual([]);
});
