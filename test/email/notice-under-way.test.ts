import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { mailer } from './mailer.ts';
import { startSlowMailServer } from './slow-mail-server.ts';

let mails: Awaited<ReturnType<typeof startSlowMailServer>>;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  mails = await startSlowMailServer();
  stack = await createStack({ through: { smtpUrl: () => mails.url } });
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail({ invoice_notices: { issued: true } });
});
afterAll(async () => {
  await stack.close();
  await mails.close();
});

const closings = {
  paid: (id: string) => user.pay(id),
  void: (id: string) => user.post(`/${id}/void`),
};

test.each(Object.entries(closings))(
  'a notice that was at the mail server when its invoice became %s, and that the server put off, announces it no more',
  async (status, closeInvoice) => {
    const before = mails.asked();
    const mail = mails.keepNext();
    const { id: contact } = await user.reader();
    const { id } = await user.invoice(contact);
    await mail.came;
    expect((await closeInvoice(id)).status).toBeLessThan(300);
    mail.putOff();
    const notice = await user.mailReaches(id, 'cancelled', 'provider_asked');
    expect(notice).toMatchObject({ status: 'cancelled', reason: status, attempts: 1, held_until: null });
    // Sooner than the minute after which the mail would have been tried again.
    const flow = await until(
      () => user.flow(notice.id),
      ({ status: now }) => now !== 'running',
    );
    expect(flow).toMatchObject({ kind: 'message', status: 'cancelled', outcome: 'cancelled' });
    const { workflow } = await stack.temporalClient();
    expect(await workflow.getHandle(`message/${tenant.id}/${notice.id}`).result()).toBe('cancelled');
    expect(mails.asked()).toBe(before + 1);
  },
);
