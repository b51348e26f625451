import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { otpUser } from '../harness/otp.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { codeIn, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { cutBetweenAnswerAndCommit, sendsCodes } from './cut.ts';

let proxy: Proxy;
let stack: Stack;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({ through: { sandboxUrl: (url) => proxy.to(url) } });
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

test('an API that sends by itself and is killed in mid-send is followed up by the worker beside it', async () => {
  const first = await stack.startApi('otp');
  const tenant = await stack.tenants.make();
  await Promise.all([first.kill(), stack.startWorker()]);
  const user = otpUser(stack, tenant);

  const { phone, id } = await cutBetweenAnswerAndCommit(
    { stack, user: sendsCodes(user), proxy },
    () => stack.startApi('otp'),
    {
      kind: 'late_status',
      ms: 1_500,
    },
  );
  await stack.startApi('otp');
  await until(
    () => user.messages(id),
    (rows) => rows.every(({ status }) => status === 'read'),
  );
  const [message] = await stack.messagesOn(phone);
  expect((await user.verify(phone, codeIn(message))).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
  expect((await stack.ledger()).filter(({ to }) => to === phone)).toHaveLength(1);

  const { events } = await fetchHistory(await stack.temporalClient(), `otp/${tenant.id}/${id}`);
  expect(events[0].workflowExecutionStartedEventAttributes).toMatchObject({ eagerExecutionAccepted: true });
});
