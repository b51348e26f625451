import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Call } from '../harness/client.ts';
import { anyPhone } from '../harness/stack.ts';

type Ask = { path: string; body: object; repeatable: boolean };

const MOST_TRIES = 100;

/**
 * Asks for passcodes, and a third as often for messages, at a steady pace, as a careful application does: what was put off
 * (503) is asked again. A passcode also where nobody answered; a message not, for it could then be two.
 */
export function startRetryingLoad(call: Call, template: object, perSecond: number) {
  /** Promised: the phones of passcodes, the ids of messages. */
  const promised = { passcodes: [] as string[], messages: [] as string[] };
  const heard: (number | 'nothing')[] = [];
  const unexpected: string[] = [];
  const asking = new Set<Promise<void>>();
  let asked = 0;

  /** `doubt`: one time nobody answered, and it may have been accepted then. */
  const insist = async ({ path, body, repeatable }: Ask): Promise<{ answer: Answer | undefined; doubt: boolean }> => {
    let doubt = false;
    for (let tries = 1; ; tries += 1) {
      const answer = await call('POST', path, body).catch(() => undefined);
      heard.push(answer?.status ?? 'nothing');
      doubt ||= answer === undefined;
      const again = answer ? answer.status === 503 : repeatable;
      if (!again || tries === MOST_TRIES) return { answer, doubt };
      await delay(1_000 * Number(answer?.headers.get('retry-after') ?? 0.2));
    }
  };
  const passcode = async (): Promise<void> => {
    const phone = anyPhone();
    const ask = { path: '/api/v1/otp/send', body: { phone_number: phone, purpose: 'signup' }, repeatable: true };
    const { answer, doubt } = await insist(ask);
    const before = doubt && answer?.body.code === 'otp_resend_too_early';
    if (answer?.status === 202 || before) promised.passcodes.push(phone);
    else unexpected.push(answer?.text ?? 'nothing');
  };
  const message = async (): Promise<void> => {
    const { answer } = await insist({
      path: '/api/v1/messages',
      body: { to: anyPhone(), template },
      repeatable: false,
    });
    if (answer?.status === 202) promised.messages.push(answer.body.id);
    else if (answer) unexpected.push(answer.text);
  };
  const timer = setInterval(() => {
    asked += 1;
    const one = (asked % 4 === 0 ? message() : passcode()).finally(() => asking.delete(one));
    asking.add(one);
  }, 1_000 / perSecond);

  return {
    promised,
    /** The status of each answer, in order. */
    heard,
    /** What the answers said that were neither a promise nor put off. */
    unexpected,
    asked: () => asked,
    /** Ends when the last answer is there. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await Promise.all(asking);
    },
  };
}
