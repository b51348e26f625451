import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
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

/** Meta's word for "not now, we are at work here". */
const MAINTENANCE = 131_057;

test.each([
  ['delivered', {}, 'sent'],
  ['failed', { errors: [{ code: 131_026 }] }, 'failed undelivered'],
])(
  'a reminder that was cancelled after the provider had said "not now", of which it says "%s" later, is what it says',
  async (word, more, state) => {
    const { id: contact, phone } = await user.customer();
    await stack.sandbox('POST', '/faults', { kind: 'refused', to: phone, count: 1, code: MAINTENANCE });
    const { id } = await user.invoice(contact, { reminders: [reminder(0), reminder(-7)] });
    await user.control(id, 'run-now');
    const messages = () => stack.database.sql<Json>('select id, reason from app.messages where flow_id = $1', [id]);
    const [message] = await until(messages, ([row]) => row?.reason === 'provider_asked');
    await user.control(id, 'cancel');
    await user.becomes(id, { 0: 'cancelled cancelled', [-7]: 'cancelled cancelled' });
    const meta = await businessOf(stack, tenant);
    const told = {
      id: `wamid.${message.id}`,
      status: word,
      timestamp: seconds(),
      biz_opaque_callback_data: message.id,
    };
    await meta.tell(meta.envelope({ statuses: [{ ...told, ...more }] }));
    await user.becomes(id, { 0: state, [-7]: 'cancelled cancelled' });
    expect(await user.get(message.id)).toMatchObject({ status: word });
  },
);
