import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
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

test.each([
  ['delivered', {}, 'sent'],
  ['failed', { errors: [{ code: 131_026 }] }, 'failed undelivered'],
])(
  'a reminder that was cancelled after the provider had said "not now", of which it says "%s" later, is what it says',
  async (word, more, state) => {
    const { id, message } = await user.putOff([reminder(0), reminder(-7)]);
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
