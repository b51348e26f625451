import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { mailer } from './mailer.ts';

let proxy: Proxy;
let stack: Stack;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({ through: { smtpUrl: (url) => proxy.to(url).replace('http:', 'smtp:') } });
  await stack.startApi('false');
  user = mailer(stack, await stack.tenants.make());
  await user.wantsMail();
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

/** A mail whose sender was killed in the tick in which the server's 250 went past, before it can have committed. */
async function cutBetween250AndCommit(): Promise<{ invoiceId: string; email: string }> {
  for (let round = 0; round < 10; round += 1) {
    const sender = await stack.startWorker();
    const { id, email } = await user.reader();
    proxy.onAnswer((chunk) => {
      if (chunk.includes('250 Kept')) sender.signal('SIGKILL');
    });
    const invoice = await user.reminded(id);
    await sender.exited;
    proxy.onAnswer(undefined);
    const [row] = await user.ledgerOf(invoice.id);
    if (row.status === 'sending' && row.provider_id === null) return { invoiceId: invoice.id, email };
  }
  throw new Error('The sender always committed before the signal struck');
}

test('a mail whose sender was killed between the 250 and the commit stays unknown, and arrives once', async () => {
  const { invoiceId, email } = await cutBetween250AndCommit();
  await stack.startWorker();
  await until(
    () => user.ledgerOf(invoiceId),
    ([row]) => row.status === 'unknown',
    { withinMs: 45_000 },
  );
  const seen = await until(
    () => user.seen(invoiceId),
    ({ reminders }) => !['scheduled', 'sending'].includes(reminders[0].status),
    { withinMs: 60_000 },
  );
  expect(['sent', 'unknown']).toContain(seen.reminders[0].status);
  const [row] = await user.ledgerOf(invoiceId);
  expect(row).toMatchObject({ status: 'unknown', reason: 'sender_died', attempts: 1 });
  expect(await stack.mailsAt(email)).toHaveLength(1);
});
