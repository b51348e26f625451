import type { OtpUser } from './otp.ts';
import { anyPhone } from './stack.ts';

/** Asks for passcodes of ever new phones at a steady pace, whatever comes of them, until it is stopped. */
export function startLoad(user: OtpUser, perSecond: number) {
  const accepted: { id: string; phone: string }[] = [];
  const refused: number[] = [];
  const asking = new Set<Promise<void>>();

  const ask = async (): Promise<void> => {
    const phone = anyPhone();
    try {
      const { status, body } = await user.send(phone);
      if (status === 202) accepted.push({ id: body.id, phone });
      else refused.push(status);
    } catch {
      // The API was not there: nothing was promised.
      refused.push(0);
    }
  };
  const timer = setInterval(() => {
    const asked = ask().finally(() => asking.delete(asked));
    asking.add(asked);
  }, 1000 / perSecond);

  return {
    accepted,
    refused,
    /** How often it has asked so far. */
    asked: () => accepted.length + refused.length + asking.size,
    /** Ends when the last answer is there. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await Promise.all(asking);
    },
  };
}
