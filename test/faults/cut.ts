import type { OtpUser } from '../harness/otp.ts';
import type { Json } from '../harness/client.ts';
import type { TestProcess } from '../harness/process.ts';
import type { Proxy } from '../harness/proxy.ts';
import { anyPhone, type Stack } from '../harness/stack.ts';

export type Cut = { phone: string; id: string };
/** Who has something sent to a phone: answers the id, by which the rows of its messages are found. */
type Sender = { send(phone: string): Promise<string>; messages(id: string): Promise<Json[]> };
type World = { stack: Stack; user: Sender; proxy: Proxy };

/**
 * Starts a process that sends, and kills it in the tick in which the provider's 200 goes past, before it can have
 * committed. Where it was faster than the signal, the round is played again.
 */
export async function cutBetweenAnswerAndCommit(
  { stack, user, proxy }: World,
  start: () => Promise<TestProcess>,
  fault: { kind: string; ms?: number },
): Promise<Cut> {
  for (let round = 0; round < 10; round += 1) {
    const sender = await start();
    const phone = anyPhone();
    await stack.sandbox('POST', '/faults', { ...fault, to: phone, count: 1 });
    proxy.onAnswer((chunk) => {
      if (chunk.includes('"wamid')) sender.signal('SIGKILL');
    });
    const id = await user.send(phone);
    await sender.exited;
    proxy.onAnswer(undefined);
    const [row] = await user.messages(id);
    if (row.status === 'sending' && row.provider_id === null) return { phone, id };
  }
  throw new Error('The sender always committed before the signal struck');
}

export const sendsCodes = (user: OtpUser): Sender => ({
  send: async (phone) => (await user.send(phone)).body.id,
  messages: (id) => user.messages(id),
});
