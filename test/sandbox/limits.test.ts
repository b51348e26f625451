import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyChannel, anyPhone, createHarness, createSender } from './harness.ts';

let sandbox: Awaited<ReturnType<typeof createHarness>>;
const text = { content: { type: 'text', body: 'hello' } } as const;
const setLimits = (limits: object, number = sandbox.channel.phoneNumberId) =>
  sandbox.call('PUT', `/channels/${number}/limits`, limits);
const codesOf = (sends: Awaited<ReturnType<typeof sandbox.send>>[]) =>
  sends.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.code] : []));

beforeAll(async () => {
  sandbox = await createHarness();
});
afterAll(() => sandbox.close());

describe('the service window', () => {
  const fate = async (messageId: string) => {
    await sandbox.receiver.until(() =>
      sandbox.receiver.statusesOf(messageId).some(({ status }) => status === 'failed' || status === 'read'),
    );
    return sandbox.receiver.statusesOf(messageId).at(-1);
  };

  test('a free-form message outside is accepted and then fails with 131047; a template passes', async () => {
    const to = anyPhone();
    const { messageId, outcome } = await sandbox.send(to, text);
    expect(outcome.kind).toBe('accepted');
    expect(await fate(messageId)).toMatchObject({ status: 'failed', errorCode: 131047 });
    expect(await fate((await sandbox.send(to)).messageId)).toMatchObject({ status: 'read' });
    expect((await sandbox.call('GET', `/phones/${to}/messages`)).json.data).toHaveLength(1);
  });

  test('what the person says opens it, for the number that they wrote to and no other', async () => {
    const to = anyPhone();
    const other = anyChannel();
    const sender = createSender(sandbox.url, other);
    await sandbox.send(to);
    await sandbox.call('POST', `/phones/${to}/messages`, { text: 'hi' });
    expect(await fate((await sandbox.send(to, text)).messageId)).toMatchObject({ status: 'read' });
    await sender.send(to, text);
    await sender.close();
    const shown = (await sandbox.call('GET', `/phones/${to}/messages?number=${other.phoneNumberId}`)).json.data;
    expect(shown).toEqual([]);
  });

  test('the control route closes it, and limits can leave it out', async () => {
    const to = anyPhone();
    await sandbox.openWindow(to);
    await sandbox.call('PUT', `/phones/${to}/window`, { open: false, channel_id: sandbox.channel.channelId });
    expect(await fate((await sandbox.send(to, text)).messageId)).toMatchObject({ errorCode: 131047 });
    await setLimits({ service_window: false });
    expect(await fate((await sandbox.send(to, text)).messageId)).toMatchObject({ status: 'read' });
    await setLimits({ service_window: true });
  });
});

test('131056: after 45 messages in a row a phone gets no more, another phone does, and the limit can be off', async () => {
  const to = anyPhone();
  const sends = await Promise.all(Array.from({ length: 60 }, () => sandbox.send(to)));
  const codes = codesOf(sends);
  expect(new Set(codes)).toEqual(new Set([131056]));
  expect(sends.length - codes.length).toBeGreaterThanOrEqual(45);
  expect((await sandbox.send(anyPhone())).outcome.kind).toBe('accepted');
  await setLimits({ pair: false });
  expect((await sandbox.send(to)).outcome.kind).toBe('accepted');
  await setLimits({ pair: true });
});

test('130429: beyond the throughput of the number, whoever the recipients are', async () => {
  const channel = anyChannel();
  const sender = createSender(sandbox.url, channel, 5000);
  await setLimits({ throughput_per_second: 5 }, channel.phoneNumberId);
  const sends = await Promise.all(Array.from({ length: 40 }, () => sender.send(anyPhone())));
  await sender.close();
  const codes = codesOf(sends);
  expect(new Set(codes)).toEqual(new Set([130429]));
  // Two seconds' worth pass at once, and what is gained while the forty are under way.
  expect(sends.length - codes.length).toBeGreaterThanOrEqual(10);
  expect(codes.length).toBeGreaterThan(0);
});

test('131048: a tier counts new people only', async () => {
  const channel = anyChannel();
  const sender = createSender(sandbox.url, channel, 5000);
  await setLimits({ tier: 250, throughput_per_second: 1000 }, channel.phoneNumberId);
  const phones = Array.from({ length: 250 }, (_, i) => `+4915${String(10_000_000 + i)}`);
  const sends = await Promise.all(phones.map((phone) => sender.send(phone)));
  expect(sends.map(({ outcome }) => outcome.kind)).toEqual(phones.map(() => 'accepted'));
  expect((await sender.send('+491520000000')).outcome).toMatchObject({ kind: 'refused', code: 131048 });
  expect((await sender.send(phones[0] ?? '')).outcome.kind).toBe('accepted');
  await sandbox.openWindow('+491520000000', channel.channelId);
  expect((await sender.send('+491520000000')).outcome.kind).toBe('accepted');
  await sender.close();
});

test('131050: marketing to a person who stopped it fails, other categories pass, and resuming helps', async () => {
  const to = anyPhone();
  const promotion = {
    name: 'promotion',
    language: 'en',
    category: 'MARKETING',
    components: [{ type: 'BODY', text: 'Only today.' }],
  };
  await sandbox.submit(promotion);
  const content = { type: 'template', template: 'promotion', language: 'en' } as const;
  await sandbox.send(to);
  const preferences = () => sandbox.receiver.received.flatMap((post) => post.preferences);
  const say = (value: string) => sandbox.call('PUT', `/phones/${to}/marketing`, { value });
  const last = async (messageId: string) => {
    await sandbox.receiver.until(() => sandbox.receiver.statusesOf(messageId).some((s) => s.status !== 'sent'));
    return sandbox.receiver.statusesOf(messageId).find((s) => s.status !== 'sent');
  };
  await say('stop');
  expect(await last((await sandbox.send(to, { content })).messageId)).toMatchObject({ errorCode: 131050 });
  expect(await last((await sandbox.send(to)).messageId)).toMatchObject({ status: 'delivered' });
  await say('resume');
  expect(await last((await sandbox.send(to, { content })).messageId)).toMatchObject({ status: 'delivered' });
  await sandbox.receiver.until(() => preferences().length === 2);
  expect(preferences().map(({ from, value }) => ({ from, value }))).toEqual([
    { from: to.slice(1), value: 'stop' },
    { from: to.slice(1), value: 'resume' },
  ]);
});

test.each<[unknown, number]>([
  [{ tier: 300 }, 422],
  [{ throughput_per_second: 0 }, 422],
  [{ pairs: true }, 422],
  [undefined, 400],
])('limits of %j are refused with %d', async (body, status) => {
  expect(await sandbox.call('PUT', '/channels/106540352242922/limits', body)).toMatchObject({ status });
});
