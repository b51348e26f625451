import { ApplicationFailure, defineSignal, type ActivityFailure } from '@temporalio/workflow';

/** Facts that may let a message go before its time is up, whichever flow sends it; its row is what counts. */
export const messageFacts = [
  defineSignal<[{ inboundId: string }]>('contactReplied'),
  defineSignal('templateDecided'),
  defineSignal('channelResumed'),
  defineSignal('channelRemoved'),
  defineSignal('contactRemoved'),
  // The provider has said what came of a call of which we did not know.
  defineSignal('messageSettled'),
  defineSignal('messageCancelled'),
];

/** For so long a send is tried by itself. */
export const SEND_MS = 600_000;

/** How a send is tried, in whichever flow. */
export const sendPolicy = {
  startToCloseTimeout: '15s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  // Past it the row is asked anew from the workflow, where the wait can be seen.
  scheduleToCloseTimeout: SEND_MS,
} as const;

/** Why a send that was tried for as long as it may be has come to nothing. What waits says so itself, before that. */
export const failureOf = ({ cause }: ActivityFailure): string =>
  cause instanceof ApplicationFailure ? (cause.type ?? 'internal_error') : 'no_worker';
