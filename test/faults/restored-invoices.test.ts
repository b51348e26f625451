import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, event, type Account } from '../connections/stripe.ts';
import { reconcile } from '../flows/reconcile.ts';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from '../invoices/biller.ts';
import { afterRestore, backUp, overdue } from './backup.ts';

let stack: Stack;
let stripe: StripeServer;
let tenant: TestTenant;
let account: Account;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});

/** An invoice of a customer of its own whose flow sleeps. */
async function owed(...reminders: object[]): Promise<string> {
  const { id: contact } = await user.customer();
  const { id } = await user.invoice(contact, { reminders });
  await user.shows(id, 'waiting');
  return id;
}

/** The time of these has come, in whichever state of the rows. */
const becomesDue = async (ids: string[], days: number): Promise<void> => {
  for (const id of ids) await user.moveTo(id, { [days]: -0.01 });
};

const remindersOf = async (id: string): Promise<string[]> =>
  ((await user.seen(id)).reminders as Json[]).map(({ status, reason }) => (reason ? `${status} ${reason}` : status));

test('Postgres comes back older than Temporal: no reminder leaves a second time, and what was paid is not reminded of', async () => {
  let api = await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  account = await connect(stack, tenant, { access_token: 'sk_test_good' });
  const last: string[] = [];
  for (const catch_up of ['drop', 'send_once', 'shift']) last.push(await owed(reminder(5, { catch_up })));
  const [series, paid] = [await owed(reminder(5), reminder(0)), await owed(reminder(5))];
  await api.stop();
  const backup = await backUp(stack);

  api = await stack.startApi('true');
  const since = [...last, series];
  await becomesDue(since, 5);
  for (const id of since) {
    await user.wake(id);
    await user.sent(id, 1);
  }
  for (const id of last) await expect(user.outcome(id)).resolves.toBe('reminded');
  const payment = event('checkout.session.completed', account.session(paid, 9999));
  stripe.log(payment);
  await account.tell(payment);
  await expect(user.outcome(paid)).resolves.toBe('paid');
  const before = await stack.ledger();
  expect(before).toHaveLength(since.length);
  await api.stop();

  await backup.restore();
  await becomesDue(since, 5);
  // As where there is no superuser.
  await afterRestore(stack.database.ownerUrl);
  api = await stack.startApi('true');
  for (const id of since) expect([id, (await remindersOf(id))[0]]).toEqual([id, 'unknown restored']);
  expect((await user.seen(paid)).status).toBe('open');

  const { workflow } = await stack.temporalClient();
  await workflow.execute('reconcilePayments', { taskQueue: 'flows', workflowId: 'triggered' });
  expect([(await user.seen(paid)).status, await remindersOf(paid)]).toEqual(['paid', ['cancelled paid']]);

  // Their workflows have ended, and the reconciler has them look at their rows once more; the other's sleeps.
  for (const id of last) await overdue(stack, id);
  expect(await reconcile(stack)).toMatchObject({ ended: 0, failed: 0 });
  for (const id of last) {
    const flow = await until(
      () => user.flow(id),
      ({ status }) => status !== 'running',
    );
    expect([id, flow.outcome, await remindersOf(id)]).toEqual([id, 'reminded', ['unknown restored']]);
    expect((await user.timeline(id)).past).toContainEqual(
      expect.objectContaining({ what: 'reminder.unknown', by: 'flow', detail: 'restored' }),
    );
  }
  await user.wake(series);
  await user.shows(series, 'waiting');
  expect(await stack.ledger()).toEqual(before);

  await becomesDue([series], 0);
  await user.wake(series);
  await user.sent(series, 1);
  expect(await remindersOf(series)).toEqual(['unknown restored', 'sent']);
  expect(await stack.ledger()).toHaveLength(before.length + 1);
  const alerts = (await tenant.call('GET', '/api/v1/alerts')).body.data as Json[];
  expect(alerts.map(({ kind, occurrences }) => [kind, occurrences])).toEqual([['restored', 1]]);
  await api.stop();
}, 180_000);
