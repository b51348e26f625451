import type { AlertInput } from './raise.ts';

/** Of some messages of a channel nobody will hear any more whether they arrived. */
export const messageUnknown = (channelId: string): AlertInput<'message_unknown'> => ({
  kind: 'message_unknown',
  subject: channelId,
  channelId,
  detail: 'Nobody knows whether some messages arrived, and they are not sent again by themselves.',
});
