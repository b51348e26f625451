import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { mailer } from '../email/mailer.ts';
import { reminder } from './biller.ts';
import { loseWorkflow } from './lose-workflow.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
});
afterAll(() => stack.close());

const channel = async (verb: 'pause' | 'resume') =>
  tenant.call('POST', `/api/v1/channels/${await user.whatsAppId()}/${verb}`, verb === 'pause' ? { reason: 'x' } : {});

/** An invoice whose reminder waits in the ledger, and whose workflow an operator ends in Temporal's UI then. */
async function terminated(contactId: string): Promise<string> {
  await channel('pause');
  const { id } = await user.invoice(contactId, { reminders: [reminder(0), reminder(-7)] });
  await user.control(id, 'run-now');
  await user.shows(id, 'channel_paused');
  await terminate(id);
  await channel('resume');
  return id;
}

/** The next reminder is years away. */
const terminate = (id: string): Promise<void> => loseWorkflow(stack, tenant, id, '10 years');

test('no reminder of an invoice whose workflow was terminated is left as if it were being sent', async () => {
  const { id: contact, phone } = await user.customer();
  const id = await terminated(contact);
  await user.becomes(id, { 0: 'cancelled flow_cancelled', [-7]: 'cancelled flow_cancelled' });
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
  expect(await user.texts(phone)).toEqual([]);
});

test('one whose mail had left by then was sent', async () => {
  await user.wantsMail();
  const { id: contact, phone, email } = await user.reader();
  const id = await terminated(contact);
  expect(await user.arrivedAt(email)).toHaveLength(1);
  await user.becomes(id, { 0: 'sent', [-7]: 'cancelled flow_cancelled' });
  expect(await user.texts(phone)).toEqual([]);
});

test('nothing brings back a reminder that stayed behind for one of these', async () => {
  const { id: contact } = await user.customer();
  // In New York both leave at noon.
  const { id } = await user.invoice(contact, {
    timezone: 'Europe/Berlin',
    due_date: '2031-01-10T17:00:00Z',
    reminders: [reminder(0), reminder(0, { send_at_time: '12:00' })],
  });
  await user.patch(id, { timezone: 'America/New_York' });
  await user.shows(id, 'waiting');
  await terminate(id);
  await user.patch(id, { timezone: 'Europe/Berlin' });
  expect(await user.future(id)).toEqual([]);
  expect(await user.flow(id)).toMatchObject({ status: 'cancelled' });
});
