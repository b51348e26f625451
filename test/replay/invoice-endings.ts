import { biller, reminder } from '../invoices/biller.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';

type World = { stack: Stack; tenant: TestTenant };

const soon = { catch_up: 'shift' };

/** Ways that an invoice's workflow can go, played from outside. Each answers the invoice's id. */
export const invoiceEndings = {
  /** Two reminders left at their instants, and then it was paid. */
  async 'invoice-paid'({ stack, tenant }: World): Promise<string> {
    const user = biller(stack, tenant);
    const { id: contact } = await user.customer();
    const due_date = new Date(Date.now() + 3_000).toISOString();
    const reminders = [reminder(0, soon), reminder(0, { ...soon, business_days: true }), reminder(-1_000)];
    const { id } = await user.invoice(contact, { invoice_number: 'PAID', due_date, reminders });
    await user.sent(id, 2);
    await user.shows(id, 'waiting');
    await user.pay(id);
    return id;
  },
  /** Paused and resumed while it slept, then the last reminder left. */
  async 'invoice-resumed'({ stack, tenant }: World): Promise<string> {
    const user = biller(stack, tenant);
    const { id: contact } = await user.customer();
    const { id } = await user.invoice(contact, { invoice_number: 'RESUMED', reminders: [reminder(0)] });
    await user.shows(id, 'waiting');
    await user.control(id, 'pause');
    await user.shows(id, 'paused');
    await user.control(id, 'resume');
    await user.shows(id, 'waiting');
    await user.control(id, 'run-now');
    return id;
  },
  /** The connection broke in the call, and no status came. */
  async 'invoice-unknown'({ stack, tenant }: World): Promise<string> {
    const user = biller(stack, tenant);
    const { id: contact, phone } = await user.customer();
    for (const kind of ['accept_then_reset', 'no_status'])
      await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
    const { id } = await user.invoice(contact, { invoice_number: 'UNKNOWN', reminders: [reminder(0)] });
    await user.shows(id, 'waiting');
    await user.control(id, 'run-now');
    return id;
  },
};
