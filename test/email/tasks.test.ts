import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { startSkippedTime, type SkippedTime } from '../harness/skipped-time.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { reminder } from '../invoices/biller.ts';
import { mailer } from './mailer.ts';

let time: SkippedTime;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  time = await startSkippedTime();
  stack = await createStack({ temporalAddress: time.address, env: { SKIPPED_TIME: 'true' } });
  await stack.startApi('true');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await user.wantsMail();
});
afterAll(async () => {
  await stack?.close();
  await time?.close();
});

test('mail beside WhatsApp takes no task and no activity more, and nothing in the history names an address', async () => {
  const { id: contact, phone, email } = await user.reader();
  const { id } = await user.invoice(contact, {
    due_date: '2031-06-10',
    reminders: [reminder(20), reminder(10), reminder(0)],
  });
  await user.shows(id, 'waiting');
  await time.skipTo(new Date('2031-12-01T00:00:00Z'));
  expect(await user.outcome(id)).toBe('reminded');
  const { count, text } = await fetchHistory(await stack.temporalClient(), `invoice/${tenant.id}/${id}`);
  expect([count('WORKFLOW_TASK_SCHEDULED'), count('ACTIVITY_TASK_COMPLETED')]).toEqual([7, 3]);
  expect(await user.texts(phone)).toHaveLength(3);
  expect(await stack.mailsAt(email)).toHaveLength(3);
  expect(text).not.toContain('example.com');
});
