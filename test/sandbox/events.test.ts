import { afterEach, expect, test } from '@jest/globals';
import { anyChannel, anyPhone, createHarness, createSender } from './harness.ts';

const adminToken = 'an-admin-token-of-more-than-thirty-two-characters';
const closers: Array<() => unknown> = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Follows a phone's events; `next` resolves at the next change. */
async function follow(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  closers.push(() => abort.abort());
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  let changes = 0;
  const next = async () => {
    const wanted = changes + 1;
    while (changes < wanted) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: '' };
      if (done) throw new Error('the stream ended');
      seen += value;
      changes = seen.split('event: change').length - 1;
    }
  };
  return { status: response.status, type: response.headers.get('content-type'), next, changes: () => changes };
}

test('a phone tells open pages of messages, answers and statuses, and of nothing at other phones', async () => {
  const sandbox = await createHarness({ delays: { sent: 3_000_000, delivered: 3_000_000, read: 3_000_000 } });
  closers.push(() => sandbox.close());
  const [phone, other] = [anyPhone(), anyPhone()];
  const events = await follow(`${sandbox.url}/phones/${phone}/events`);
  expect(events).toMatchObject({ status: 200, type: expect.stringContaining('text/event-stream') });
  await sandbox.send(other);
  await sandbox.send(phone);
  await events.next();
  await sandbox.call('POST', `/phones/${phone}/messages`, { text: 'hi' });
  await events.next();
  await sandbox.call('PUT', `/phones/${phone}`, { reads: false });
  await events.next();
  expect(events.changes()).toBe(3);
});

test("in production a channel's token follows its own conversation only, and without one there is nothing", async () => {
  const sandbox = await createHarness({
    adminToken,
    delays: { sent: 3_000_000, delivered: 3_000_000, read: 3_000_000 },
  });
  closers.push(() => sandbox.close());
  const phone = anyPhone();
  const other = anyChannel();
  const sender = createSender(sandbox.url, other);
  closers.push(() => sender.close());
  const url = `${sandbox.url}/phones/${phone}/events`;
  expect((await follow(url)).status).toBe(401);
  const own = { authorization: `Bearer ${sandbox.channel.accessToken}` };
  expect((await follow(`${url}?number=${other.phoneNumberId}`, own)).status).toBe(403);
  const events = await follow(url, own);
  await sender.send(phone);
  await sandbox.send(phone);
  await events.next();
  expect(events.changes()).toBe(1);
});

test('closing the sandbox ends the streams at once', async () => {
  const sandbox = await createHarness();
  const events = await follow(`${sandbox.url}/phones/${anyPhone()}/events`);
  const ended = events.next().catch(() => 'ended');
  await sandbox.close();
  expect(await ended).toBe('ended');
});
