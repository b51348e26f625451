import type { OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import type { Proxy } from '../harness/proxy.ts';
import { anyPhone, type Stack } from '../harness/stack.ts';

export type Cut = { phone: string; id: string };
type World = { stack: Stack; user: OtpUser; proxy: Proxy };

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
    const { id } = (await user.send(phone)).body;
    await sender.exited;
    proxy.onAnswer(undefined);
    const [row] = await user.messages(id);
    if (row.status === 'sending' && row.provider_id === null) return { phone, id };
  }
  throw new Error('The sender always committed before the signal struck');
}
