import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { mailer } from './mailer.ts';

/** A mail server that keeps whoever hands it a mail waiting, and says "try again later" then. */
async function startGreylist() {
  let taking: (() => void) | undefined;
  let refused = Promise.resolve();
  let mails = 0;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    logger: false,
    onAuth: (_auth, _session, answer) => answer(null, { user: 'anybody' }),
    onData(stream, _session, answer) {
      stream.resume();
      stream.on('end', () => {
        mails += 1;
        taking?.();
        void refused.then(() => answer(Object.assign(new Error('Greylisted'), { responseCode: 451 })));
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    /** How many mails it was asked to take. */
    asked: (): number => mails,
    /** `has` resolves when the next mail has come. */
    keepNext(): { has: Promise<void>; refuse: () => void } {
      const [has, refuse] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      taking = has.resolve;
      refused = refuse.promise;
      return { has: has.promise, refuse: refuse.resolve };
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

let greylist: Awaited<ReturnType<typeof startGreylist>>;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  greylist = await startGreylist();
  stack = await createStack({ through: { smtpUrl: () => greylist.url } });
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail({ invoice_notices: { issued: true } });
});
afterAll(async () => {
  await stack.close();
  await greylist.close();
});

const closings = {
  paid: (id: string) => user.pay(id),
  void: (id: string) => user.post(`/${id}/void`),
};

test.each(Object.entries(closings))(
  'a notice that was at the mail server when its invoice became %s, and that the server put off, announces it no more',
  async (status, closeInvoice) => {
    const before = greylist.asked();
    const mail = greylist.keepNext();
    const { id: contact } = await user.reader();
    const { id } = await user.invoice(contact);
    await mail.has;
    expect((await closeInvoice(id)).status).toBeLessThan(300);
    mail.refuse();
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
    expect(greylist.asked()).toBe(before + 1);
  },
);
