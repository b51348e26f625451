import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { cutBetweenAnswerAndCommit, type Cut } from './cut.ts';

let proxy: Proxy;
let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let told: Cut;
let silent: Cut;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({ through: { sandboxUrl: (url) => proxy.to(url) } });
  await stack.startApi('false');
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  const sender = {
    async send(to: string): Promise<string> {
      await user.writes(to);
      return user.planned({ to, text: 'Hello' });
    },
    messages: (id: string) => stack.database.sql('select * from app.messages where id = $1', [id]),
  };
  const cut = (fault: { kind: string; ms?: number }) =>
    cutBetweenAnswerAndCommit({ stack, user: sender, proxy }, () => stack.startWorker(), fault);
  silent = await cut({ kind: 'no_status' });
  told = await cut({ kind: 'late_status', ms: 1_500 });
  await stack.startWorker();
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

const evidence = (id: string) =>
  stack.database.sql<{ outcome: string }>('select outcome from app.message_attempts where message_id = $1', [id]);

test('a message whose sender was killed between the 200 and the commit is settled by the webhook, and sent once', async () => {
  expect(await user.outcome(told.id)).toBe('sent');
  expect(await user.get(told.id)).toMatchObject({ status: 'read', attempts: 1 });
  expect(await user.accepted(told.id)).toHaveLength(1);
});

test('where the provider tells nothing it stays unknown, with the lapsed call as evidence, and is sent no second time', async () => {
  expect(await user.outcome(silent.id)).toBe('unknown');
  expect(await user.get(silent.id)).toMatchObject({ status: 'unknown', reason: 'sender_died', attempts: 1 });
  expect(await evidence(silent.id)).toEqual([{ outcome: 'lapsed' }]);
  expect(await user.accepted(silent.id)).toHaveLength(1);
});
