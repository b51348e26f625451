import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../harness/client.ts';
import { hold, stuck } from '../harness/hold.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds } from '../webhooks/signed.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});
afterAll(() => stack.close());

type Called = { id: string; reminderId: string; messageId: string };

/** An invoice whose first reminder Meta has answered with "not now". */
async function calledOnce(): Promise<Called> {
  const { id, message } = await user.putOff([reminder(0, { catch_up: 'drop' }), reminder(-7)]);
  return { id, reminderId: message.key.split(':')[1], messageId: message.id };
}

/** How the reminder ends without leaving, and what would bring it back, or end it for another reason. */
const changes: [what: string, ended: (called: Called) => Promise<unknown>, change: (id: string) => Promise<Answer>][] =
  [
    [
      'is owed again',
      async ({ id }) => {
        await user.pay(id);
        await user.becomes(id, { 0: 'cancelled paid' });
        await user.moveTo(id, { 0: 1 });
      },
      (id) => user.post(`/${id}/refunds`, { amount: '99.99', reopen: true }),
    ],
    [
      'is cancelled',
      async ({ id }) => {
        await user.post(`/${id}/promise-to-pay`, { date: '2031-03-12' });
        await user.becomes(id, { 0: 'missed promised' });
      },
      (id) => user.control(id, 'cancel'),
    ],
  ];

// Whichever of the two reminders the webhook comes to first.
const each = changes.flatMap(([what, ...how]) => [[what, 'first', ...how] as const, [what, 'second', ...how] as const]);

test.each(each)(
  'an invoice that %s waits for who takes in what became of its reminder, and nobody waits for it meanwhile (%s)',
  async (_what, which, ended, change) => {
    const invoices = [await calledOnce(), await calledOnce()];
    for (const invoice of invoices) await ended(invoice);
    const [held, other] = which === 'first' ? invoices : invoices.toReversed();
    const waits = (count: number) =>
      until(
        () => stuck(stack),
        (seen) => seen >= count,
      );
    const kept = await hold(stack, 'select from app.reminders where id = $1 for update', [held?.reminderId]);
    const meta = await businessOf(stack, tenant);
    const statuses = invoices.map(({ messageId }) => ({
      id: `wamid.${messageId}`,
      status: 'delivered',
      timestamp: seconds(),
      biz_opaque_callback_data: messageId,
    }));
    await meta.tell(meta.envelope({ statuses }));
    await waits(1);
    const changed = change(other?.id ?? '');
    await waits(2);
    await kept.release();
    expect((await changed).status).toBeLessThan(300);
    for (const { id } of invoices) await user.becomes(id, { 0: 'sent' });
    expect(stack.output().includes('deadlock')).toBe(false);
  },
);
