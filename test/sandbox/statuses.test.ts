import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { anyPhone, createHarness } from './harness.ts';

type Harness = Awaited<ReturnType<typeof createHarness>>;
let sandbox: Harness;
const fault = (body: object) => sandbox.call('POST', '/faults', body);
const namesOf = (messageId: string) => sandbox.receiver.statusesOf(messageId).map(({ status }) => status);

beforeAll(async () => {
  sandbox = await createHarness();
});
afterEach(async () => {
  await sandbox.call('DELETE', '/faults');
  sandbox.receiver.answerWith((response) => void response.end());
});
afterAll(() => sandbox.close());

describe('status webhooks', () => {
  test('tell sent, delivered and read, with our id, signed, at the channel’s own address', async () => {
    const { messageId, outcome } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(messageId).length === 3);
    expect(namesOf(messageId)).toEqual(['sent', 'delivered', 'read']);
    for (const update of sandbox.receiver.statusesOf(messageId)) {
      expect(update.providerId).toBe(outcome.kind === 'accepted' && outcome.providerId);
      expect(update.phoneNumberId).toBe(sandbox.channel.phoneNumberId);
      expect(Math.abs(update.at.getTime() - Date.now())).toBeLessThan(5000);
    }
    const path = `/webhooks/whatsapp/${sandbox.channel.channelId}`;
    expect(sandbox.receiver.received.every((post) => post.signed && post.path === path && post.unreadable === 0)).toBe(
      true,
    );
  });

  test('say what is billed, and wear the shape that Meta documents', async () => {
    const { messageId } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(messageId).length === 3);
    const post = sandbox.receiver.received.find(({ raw }) => raw.includes(messageId));
    const { entry } = JSON.parse(post?.raw ?? '');
    expect(entry[0].id).toBe(sandbox.channel.wabaId);
    expect(entry[0].changes[0].value.statuses.at(-1)).toMatchObject({
      timestamp: expect.stringMatching(/^\d{10}$/),
      recipient_id: expect.stringMatching(/^1650\d{7}$/),
      pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'authentication' },
    });
  });

  test('of many sends come in few envelopes', async () => {
    const before = sandbox.receiver.received.length;
    const sends = await Promise.all(Array.from({ length: 100 }, () => sandbox.send(anyPhone())));
    await sandbox.receiver.until(() => sends.every(({ messageId }) => namesOf(messageId).length === 3));
    expect(sandbox.receiver.received.length - before).toBeLessThan(50);
  });

  test('are repeated until they are answered with 200, and lose nothing', async () => {
    let refusals = 0;
    sandbox.receiver.answerWith((response) => {
      refusals += 1;
      if (refusals === 1) response.socket?.resetAndDestroy();
      else response.writeHead(refusals === 2 ? 500 : 200).end();
    });
    const { messageId } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => refusals > 2 && namesOf(messageId).includes('read'));
    expect(new Set(namesOf(messageId))).toEqual(new Set(['sent', 'delivered', 'read']));
  });
});

describe('faults of the statuses', () => {
  test('duplicate_status posts each webhook ten times, each in a request of its own', async () => {
    await fault({ kind: 'duplicate_status', count: 1 });
    const { messageId } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(messageId).length === 30);
    for (const status of ['sent', 'delivered', 'read']) {
      const posts = sandbox.receiver.received.filter((post) =>
        post.statuses.some((s) => s.messageId === messageId && s.status === status),
      );
      expect(posts).toHaveLength(10);
    }
  });

  test('reorder_status tells read first and sent last', async () => {
    await fault({ kind: 'reorder_status' });
    const { messageId } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(messageId).length === 3);
    expect(namesOf(messageId).at(0)).toBe('read');
    expect(namesOf(messageId).at(-1)).toBe('sent');
  });

  test('late_status holds all of them back', async () => {
    await fault({ kind: 'late_status', ms: 400, count: 1 });
    const begin = performance.now();
    const late = await sandbox.send(anyPhone());
    const prompt = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(prompt.messageId).length === 3);
    expect(namesOf(late.messageId)).toEqual([]);
    await sandbox.receiver.until(() => namesOf(late.messageId).length === 3);
    expect(performance.now() - begin).toBeGreaterThan(400);
  });

  test('no_status tells nothing', async () => {
    await fault({ kind: 'no_status', count: 1 });
    const silent = await sandbox.send(anyPhone());
    const next = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(next.messageId).length === 3);
    expect(silent.outcome.kind).toBe('accepted');
    expect(namesOf(silent.messageId)).toEqual([]);
  });

  test('read_without_delivered leaves delivered out, even for a phone that does not show that it reads', async () => {
    const to = anyPhone();
    await sandbox.call('PUT', `/phones/${to}`, { reads: false });
    await fault({ kind: 'read_without_delivered' });
    const { messageId } = await sandbox.send(to);
    await sandbox.receiver.until(() => namesOf(messageId).includes('read'));
    expect(namesOf(messageId)).toEqual(['sent', 'read']);
  });

  test('ttl_drop: sent is the last that is heard, and the phone never shows it', async () => {
    const to = anyPhone();
    await fault({ kind: 'ttl_drop', count: 1 });
    const dropped = await sandbox.send(to);
    const next = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(next.messageId).length === 3 && namesOf(dropped.messageId).length > 0);
    expect(namesOf(dropped.messageId)).toEqual(['sent']);
    expect((await sandbox.call('GET', `/phones/${to}/messages`)).json.data).toEqual([]);
  });

  test.each([
    [{ kind: 'async_failed' }, 131026],
    [{ kind: 'async_failed', code: 131049 }, 131049],
  ])('%j accepts, then fails with %d, and the phone shows nothing', async (body, errorCode) => {
    await fault(body);
    const to = anyPhone();
    const { messageId, outcome } = await sandbox.send(to);
    await sandbox.receiver.until(() => namesOf(messageId).length === 1);
    expect(outcome.kind).toBe('accepted');
    expect(sandbox.receiver.statusesOf(messageId)).toMatchObject([{ status: 'failed', errorCode }]);
    expect((await sandbox.call('GET', `/phones/${to}/messages`)).json.data).toEqual([]);
  });
});
