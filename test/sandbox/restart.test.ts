import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anyChannel, anyPhone, createCaller, createReceiver, createSender, spawnSandbox } from './harness.ts';

let folder: string;
let receiver: Awaited<ReturnType<typeof createReceiver>>;
const channel = anyChannel();
const authorization = { authorization: `Bearer ${channel.accessToken}` };
const closers: Array<() => unknown> = [];
const start = async () => {
  const sandbox = await spawnSandbox({
    SANDBOX_DATA: folder,
    SANDBOX_CALLBACK_URL: receiver.url,
    SANDBOX_STATUS_DELAYS_MS: '5,15,40',
  });
  const sender = createSender(sandbox.url, channel);
  closers.push(
    () => sandbox.kill('SIGKILL'),
    () => sandbox.exited,
    () => sender.close(),
  );
  const call = createCaller(sandbox.url);
  return {
    call,
    send: sender.send,
    submit: (name: string) =>
      call(
        'POST',
        `/v25.0/${channel.wabaId}/message_templates`,
        { name, language: 'en', category: 'UTILITY', components: [{ type: 'BODY', text: 'It is packed.' }] },
        authorization,
      ),
    async die() {
      sandbox.kill('SIGKILL');
      await sandbox.exited;
    },
  };
};
const content = (template: string) => ({ content: { type: 'template', template, language: 'en' } as const });
const text = { content: { type: 'text', body: 'hello' } } as const;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  receiver = await createReceiver([channel]);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  receiver.close();
  await rm(folder, { recursive: true });
});

test('a template, its state, the limits and the behaviour outlive kill -9', async () => {
  const first = await start();
  await first.submit('packed');
  await first.submit('paused');
  await first.call('PUT', `/templates/${channel.wabaId}/paused`, { status: 'paused' });
  await first.call('PUT', `/channels/${channel.phoneNumberId}/limits`, { tier: 250 });
  await first.call('PUT', '/behaviour', { read_rate: 0 });
  await first.die();

  const second = await start();
  expect((await second.send(anyPhone(), content('packed'))).outcome.kind).toBe('accepted');
  expect((await second.send(anyPhone(), content('paused'))).outcome).toMatchObject({ code: 132015 });
  expect((await second.call('GET', `/channels/${channel.phoneNumberId}/limits`)).json).toMatchObject({ tier: 250 });
  expect((await second.call('GET', '/behaviour')).json).toEqual({ read_rate: 0 });

  await second.call('DELETE', '/state');
  expect((await second.send(anyPhone(), content('packed'))).outcome).toMatchObject({ code: 132001 });
  expect((await second.call('GET', `/channels/${channel.phoneNumberId}/limits`)).json).toMatchObject({
    tier: 'unlimited',
  });
  expect((await second.call('GET', '/behaviour')).json).toEqual({});
  await second.die();
  const third = await start();
  expect((await third.send(anyPhone(), content('packed'))).outcome).toMatchObject({ code: 132001 });
});

test('a decision on a template that could not be told before kill -9 is told after the restart', async () => {
  receiver.answerWith((response) => void response.writeHead(500).end());
  const first = await start();
  await first.submit('packed');
  await receiver.until(() => receiver.received.length > 0);
  await first.die();
  receiver.received.length = 0;
  receiver.answerWith((response) => void response.end());
  await start();
  await receiver.until(() => receiver.received.some(({ templates }) => templates.length > 0));
  expect(receiver.received.flatMap(({ templates }) => templates)).toMatchObject([
    { name: 'packed', status: 'approved' },
  ]);
});

test('a window is open after the restart, and closed when the person wrote more than a day ago', async () => {
  const first = await start();
  const to = anyPhone();
  await first.send(to);
  await first.call('POST', `/phones/${to}/messages`, { text: 'hi' });
  await first.die();
  const second = await start();
  const inside = await second.send(to, text);
  await receiver.until(() => receiver.statusesOf(inside.messageId).some(({ status }) => status === 'read'));
  await second.die();
  // A day is not waited for: the file says that it has passed.
  const path = join(folder, 'replies.jsonl');
  const yesterday = new Date(Date.now() - 24 * 3600 * 1000).toISOString();
  await writeFile(path, (await readFile(path, 'utf8')).replace(/"at":"[^"]+"/, `"at":"${yesterday}"`));
  const third = await start();
  const outside = await third.send(to, text);
  await receiver.until(() => receiver.statusesOf(outside.messageId).length === 1);
  expect(receiver.statusesOf(outside.messageId)).toMatchObject([{ status: 'failed', errorCode: 131047 }]);
});

test('the pair limit counts what was sent before kill -9', async () => {
  const first = await start();
  const to = anyPhone();
  const burst = { length: 45 };
  await Promise.all(Array.from(burst, () => first.send(to)));
  await first.die();
  const second = await start();
  // One message is gained in each six seconds that the restart takes.
  const { outcome } = (await Promise.all(Array.from(burst, () => second.send(to)))).at(-1) ?? {};
  expect(outcome).toMatchObject({ kind: 'refused', code: 131056 });
});
