import type { Passcode, Sender } from './sender.ts';

/** It has no rows to look anything up in, so everything travels in the workflow's input. */
export type BarePasscode = Passcode & { expiresAt: number };

export type BareActivities = ReturnType<typeof createBareActivities>;

export const createBareActivities = (send: Sender) => ({
  send: (passcode: BarePasscode): Promise<void> => send(passcode),
});
