import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anyChannel, anyPhone, createCaller, createReceiver, createSender, spawnSandbox } from './harness.ts';

let folder: string;
let receiver: Awaited<ReturnType<typeof createReceiver>>;
const channel = anyChannel();
const closers: Array<() => unknown> = [];
const start = async (delays = '5,15,40') => {
  const sandbox = await spawnSandbox({
    SANDBOX_DATA: folder,
    SANDBOX_CALLBACK_URL: receiver.url,
    SANDBOX_STATUS_DELAYS_MS: delays,
  });
  closers.push(
    () => sandbox.kill('SIGKILL'),
    () => sandbox.exited,
  );
  return { ...sandbox, call: createCaller(sandbox.url), sender: createSender(sandbox.url, channel) };
};
const onDisk = async () => (await readFile(join(folder, 'ledger.jsonl'), 'utf8')).split('\n').filter(Boolean);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  receiver = await createReceiver([channel]);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  receiver.close();
  await rm(folder, { recursive: true });
});

test('a send is in the file before its answer: killed at once after the 200s, all of them are there', async () => {
  const sandbox = await start();
  const to = anyPhone();
  const sends = await Promise.all(Array.from({ length: 40 }, () => sandbox.sender.send(to)));
  sandbox.kill('SIGKILL');
  expect(await sandbox.exited).toBe('SIGKILL');
  expect(sends.every(({ outcome }) => outcome.kind === 'accepted')).toBe(true);
  const lines = (await onDisk()).map((line) => JSON.parse(line).opaque_id);
  expect(lines.toSorted()).toEqual(sends.map(({ messageId }) => messageId).toSorted());

  const again = await start();
  const { json } = await again.call('GET', '/ledger');
  expect(json.data.map((entry: { opaque_id: string }) => entry.opaque_id)).toEqual(lines);
  expect((await again.call('GET', `/phones/${to}/messages`)).json.data).toHaveLength(40);
  await sandbox.sender.close();
  await again.sender.close();
});

test('a torn last line is dropped, and the next send is on a line of its own', async () => {
  const first = await start();
  const kept = await first.sender.send(anyPhone());
  first.kill('SIGKILL');
  await first.exited;
  await appendFile(join(folder, 'ledger.jsonl'), '{"wamid":"wamid.torn","to":"+1650');

  const second = await start();
  const added = await second.sender.send(anyPhone());
  const { json } = await second.call('GET', '/ledger');
  expect(json.data.map((entry: { opaque_id: string }) => entry.opaque_id)).toEqual([kept.messageId, added.messageId]);
  expect((await onDisk()).map((line) => JSON.parse(line).opaque_id)).toEqual([kept.messageId, added.messageId]);
  await first.sender.close();
  await second.sender.close();
});

test('statuses that were not told before a kill are told after the restart', async () => {
  const first = await start('5,3600000,3600000');
  const { messageId } = await first.sender.send(anyPhone());
  const none = await first.sender.send(anyPhone());
  await receiver.until(
    () => receiver.statusesOf(messageId).length === 1 && receiver.statusesOf(none.messageId).length === 1,
  );
  first.kill('SIGKILL');
  await first.exited;
  // The rest is an hour away; the same file with the hour taken out shows what is still owed.
  const path = join(folder, 'ledger.jsonl');
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('3600000', '10'));

  const second = await start();
  await receiver.until(() => receiver.statusesOf(messageId).some(({ status }) => status === 'read'));
  expect(new Set(receiver.statusesOf(messageId).map(({ status }) => status))).toEqual(
    new Set(['sent', 'delivered', 'read']),
  );
  await first.sender.close();
  await second.sender.close();
});

test('SIGTERM ends it in order with exit code 0, even with a request hanging', async () => {
  const sandbox = await start();
  await sandbox.call('POST', '/faults', { kind: 'timeout' });
  const hanging = sandbox.sender.send(anyPhone());
  await sandbox.call('GET', '/ledger');
  sandbox.kill('SIGTERM');
  expect(await sandbox.exited).toBe(0);
  expect((await hanging).outcome.kind).toBe('ambiguous');
  await sandbox.sender.close();
});
