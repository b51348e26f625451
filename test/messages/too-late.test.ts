import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFront } from '../harness/front.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';

let front: Awaited<ReturnType<typeof startFront>>;
let stack: Stack;

beforeAll(async () => {
  front = await startFront();
  stack = await createStack({ through: { sandboxUrl: (url) => front.to(url) } });
  await stack.startApi('true');
});
afterAll(async () => {
  await stack.close();
  await front.close();
});

test('a message that the provider puts off when nobody waits for its word any more fails, and its flow with it', async () => {
  const user = messenger(stack, await stack.tenants.make());
  const phone = anyPhone();
  await user.writes(phone);
  const send = front.keepNextSend();
  const id = await user.planned({ to: phone, text: 'Hello' });
  await send.asked;
  // As if the sender had been held up for so long, and been taken for dead.
  await stack.database.sql(
    'update app.messages set lease_until = clock_timestamp(), settle_at = clock_timestamp() where id = $1',
    [id],
  );
  await stack.database.sql('select app.lapse_messages()');
  expect(await user.get(id)).toMatchObject({ status: 'unknown', reason: 'sender_died' });
  send.refuse();
  expect(await user.outcome(id)).toBe('failed');
  expect(await user.get(id)).toMatchObject({ status: 'failed', reason: 'not_sent', attempts: 1 });
  expect(await user.flow(id)).toMatchObject({ status: 'failed', stage: 'ended', outcome: 'failed' });
});
